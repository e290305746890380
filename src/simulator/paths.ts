/** Without the slashes that some clients put at the end or twice: DigitalOcean serves those alike. */
export const tidyPath = (path: string): string => `/${path.split("/").filter(Boolean).join("/")}`;
