-- Which changes were applied: one row for each, written in the transaction that applied it.
-- Partitioned by the change's own time, which is the same however often it is sent.
create table millrace.applied_change (
  subject text not null,
  created_at timestamptz not null,
  id uuid not null,
  client_id text,
  applied_at timestamptz not null default clock_timestamp(),
  txid xid8 not null default pg_current_xact_id(),
  op text not null,
  relation oid not null,
  -- A hash of the row's primary key; null where Postgres made the key.
  row_key bigint,
  -- The numbers of the columns that were set; null for all of them.
  columns smallint[],
  primary key (subject, created_at, id)
) partition by range (created_at);

create index applied_change_row on millrace.applied_change (row_key, relation);

-- Changes without a time, and those older than the partitions.
create table millrace.applied_change_other partition of millrace.applied_change default;

-- Values that lost against another edit of the same column. JSON as text keeps what JSON as a
-- tree would refuse or round off.
create table millrace.conflict (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  subject text not null,
  client_id text,
  change_id uuid not null,
  relation text not null,
  row_key json not null,
  column_name text not null,
  base json,
  yours json not null,
  theirs json not null,
  kept text not null check (kept in ('yours', 'theirs'))
);

create index conflict_change on millrace.conflict (subject, change_id);
create index conflict_at on millrace.conflict (at);

revoke all on schema millrace from public;
revoke all on all tables in schema millrace from public;
