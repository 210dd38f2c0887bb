-- The Library app: works, and for each work its files (assets) and its readers' notes (annotations).
-- Every row has one owner, and row level security lets a user see and change only rows of their own.
-- Postgres 15 or later. Run once, on a database that has none of these tables, in one transaction.

do $$
begin
  if not exists (select from pg_roles where rolname = 'authenticated') then
    create role authenticated nologin;
    -- Who applies the writes of users becomes this role, so must be a member.
    grant authenticated to current_user;
  end if;
end
$$;

create table works (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  title text not null,
  author text,
  year int check (year <> 0),
  language text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, owner_id)
);

comment on column works.author is 'Null is unknown.';
comment on column works.year is 'First published, or first known; negative is BC (-431 is 431 BC), null is unknown.';
comment on column works.language is 'Of the title and the work, as a BCP 47 tag.';

-- The foreign keys below name the owner too: nobody can attach a row to a work of somebody else.

create table assets (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  work_id uuid not null,
  file_name text not null,
  media_type text not null,
  byte_size bigint not null check (byte_size >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (work_id, owner_id) references works (id, owner_id) on update cascade on delete cascade
);

comment on table assets is 'What is known of a file; the bytes themselves are kept outside the database.';

create table annotations (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  work_id uuid not null,
  locator text,
  quote text,
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (quote is not null or note is not null),
  foreign key (work_id, owner_id) references works (id, owner_id) on update cascade on delete cascade
);

comment on column annotations.locator is 'Where in the work, in its own terms: a page, a chapter, an act and scene, a verse.';

create index works_owner_id on works (owner_id);
create index assets_owner_id on assets (owner_id);
create index assets_work_id on assets (work_id);
create index annotations_owner_id on annotations (owner_id);
create index annotations_work_id on annotations (work_id);

create function set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at = now();
  return new;
end
$$;

create trigger works_updated_at before update on works
  for each row when (old.* is distinct from new.*) execute function set_updated_at();
create trigger assets_updated_at before update on assets
  for each row when (old.* is distinct from new.*) execute function set_updated_at();
create trigger annotations_updated_at before update on annotations
  for each row when (old.* is distinct from new.*) execute function set_updated_at();

alter table works enable row level security;
alter table assets enable row level security;
alter table annotations enable row level security;

grant usage on schema public to authenticated;
grant select, insert, update, delete on works, assets, annotations to authenticated;

create policy works_select on works for select to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy works_insert on works for insert to authenticated
  with check (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy works_update on works for update to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid)
  with check (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy works_delete on works for delete to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);

create policy assets_select on assets for select to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy assets_insert on assets for insert to authenticated
  with check (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy assets_update on assets for update to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid)
  with check (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy assets_delete on assets for delete to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);

create policy annotations_select on annotations for select to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy annotations_insert on annotations for insert to authenticated
  with check (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy annotations_update on annotations for update to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid)
  with check (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
create policy annotations_delete on annotations for delete to authenticated
  using (owner_id = (nullif(current_setting('app.user_id', true), ''))::uuid);
