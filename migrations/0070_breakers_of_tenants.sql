-- Whose breaker has tripped is known to whoever counts: no trigger tells of it any more.
drop trigger sagas_tell_webhooks_of_breaker on sagas;
drop function tell_webhooks_of_breaker();
