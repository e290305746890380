-- How many reserved IPs the account may have at once, as its provider tells it; null: not known.
alter table provider add column reserved_ip_limit integer;
