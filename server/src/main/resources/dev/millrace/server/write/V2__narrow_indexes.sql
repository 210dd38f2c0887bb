-- Entries are made in the order of time, so new ones lie together, and times are compared first,
-- which costs less than texts. The hash of a row says its table, too.
alter table millrace.applied_change drop constraint applied_change_pkey;
alter table millrace.applied_change add primary key (created_at, id, subject);

drop index millrace.applied_change_row;
create index applied_change_row on millrace.applied_change (row_key);
