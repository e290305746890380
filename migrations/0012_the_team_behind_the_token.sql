-- Whose account it is: a team's, or a user's own without a team. Null while it is not told apart: until now only the user's
-- uuid was known, which a first contact replaces by the team's, once the team has shown something of ours.
alter table provider add column account_of text check (account_of in ('team', 'user'));
-- How the account stands, in the provider's words: active, warning, locked.
alter table provider add column account_status text;
alter table provider add column account_status_message text;

-- What a droplet is not known by may be missing from what the provider tells of it.
alter table cloud_resources alter column region drop not null;
alter table cloud_resources alter column size_slug drop not null;
