-- Whether there is any deployment for which a sync has to see what lies on droplets, or where reserved IPs lead.
create index deployments_with_attachments on deployments (id)
  where (status = 'active' and release is not null) or reserved_ip;
