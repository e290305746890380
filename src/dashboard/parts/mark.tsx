/** The name of the product, with its sign. */
export function Mark() {
  return (
    <span className="mark">
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent-deep)" />
        <path
          d="M7 23 16 8l9 15"
          fill="none"
          stroke="#fff"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx="16" cy="20" r="2.6" fill="#ffd479" />
      </svg>
      Arcadia Cloud
    </span>
  );
}
