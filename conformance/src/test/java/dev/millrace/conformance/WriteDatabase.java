package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.write.TablePolicy;
import dev.millrace.server.write.WriteGateway;
import dev.millrace.server.write.WritePolicies;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.StringJoiner;

/**
 * A database of its own with a write gateway on it. The gateway's role is nobody special: it may
 * create a schema and act as {@code authenticated}, which owns nothing.
 */
final class WriteDatabase implements AutoCloseable {
  static final String ADA = "ada00000-0000-4000-8000-000000000001";
  static final String BOB = "b0b00000-0000-4000-8000-000000000002";

  /** Rows belong to who made them, and nobody else sees them. */
  static final String WORKS =
      """
      create table works (
        id uuid primary key,
        owner_id uuid not null default current_setting('app.user_id')::uuid,
        title text not null check (title <> ''),
        year int,
        tags text[] not null default '{}',
        created_at timestamptz not null default now(),
        updated_at timestamptz);
      alter table works enable row level security;
      create policy own on works
        using (owner_id = current_setting('app.user_id')::uuid)
        with check (owner_id = current_setting('app.user_id')::uuid);
      grant all on works to authenticated
      """;

  private static final String ROLES =
      """
      do $$ begin
        if not exists (select from pg_roles where rolname = 'authenticated') then
          create role authenticated;
        end if;
        if not exists (select from pg_roles where rolname = 'millrace_writer') then
          create role millrace_writer login;
          grant authenticated to millrace_writer;
        end if;
      end $$
      """;

  private final LocalPostgres postgres;
  private final String name;
  private final DatabaseUrl url;
  private final List<WriteGateway> gateways = new ArrayList<>();
  private final WriteGateway gateway;

  private WriteDatabase(LocalPostgres postgres, Map<String, TablePolicy> policies, String... setUp)
      throws SQLException {
    this.postgres = postgres;
    String address = postgres.createDatabase("writes");
    this.name = address.substring(address.lastIndexOf('/') + 1);
    execute(ROLES, "grant create on database %s to millrace_writer".formatted(name));
    execute(setUp);
    this.url = DatabaseUrl.parse(address.replace("//postgres@", "//millrace_writer@"));
    this.gateway = openGateway(policies, InstantSource.system());
  }

  static WriteDatabase open(LocalPostgres postgres, String... setUp) throws SQLException {
    return new WriteDatabase(postgres, Map.of(), setUp);
  }

  static WriteDatabase open(
      LocalPostgres postgres, Map<String, TablePolicy> policies, String... setUp)
      throws SQLException {
    return new WriteDatabase(postgres, policies, setUp);
  }

  /** A further gateway, closed with the rest. */
  WriteGateway openGateway(Map<String, TablePolicy> policies, InstantSource clock) {
    Map<RelationName, TablePolicy> byName = new java.util.HashMap<>();
    policies.forEach((table, policy) -> byName.put(new RelationName("public", table), policy));
    WriteGateway opened =
        WriteGateway.open(url, new WritePolicies(byName, Duration.ofDays(90), 8), clock);
    gateways.add(opened);
    return opened;
  }

  WriteGateway gateway() {
    return gateway;
  }

  DatabaseUrl url() {
    return url;
  }

  static Principal user(String subject) {
    String claims = "{\"sub\":\"%s\",\"role\":\"authenticated\"}".formatted(subject);
    return new Principal(subject, "authenticated", claims, Instant.MAX);
  }

  static WriteBatch batch(String client, List<WriteChange> changes) {
    return new WriteBatch(Optional.of(client), OptionalInt.empty(), changes);
  }

  /** What became of changes that a user sends from one device. */
  List<WriteResult> apply(String user, WriteChange... changes) {
    return apply(user, "device", List.of(changes));
  }

  List<WriteResult> apply(String user, String client, List<WriteChange> changes) {
    WriteAnswer answer = gateway.apply(user(user), batch(client, changes));
    return answer.results();
  }

  Connection connect() throws SQLException {
    return postgres.connect(name);
  }

  /** Each in a transaction of its own, by a superuser. */
  void execute(String... statements) throws SQLException {
    try (Connection own = connect();
        Statement statement = own.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** All rows, columns with a bar between, rows with a comma; nulls are {@code null}. */
  String query(String sql) throws SQLException {
    try (Connection own = connect();
        Statement statement = own.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      StringJoiner all = new StringJoiner(",");
      while (rows.next()) {
        StringJoiner row = new StringJoiner("|");
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(rows.getString(i)));
        }
        all.add(row.toString());
      }
      return all.toString();
    }
  }

  @Override
  public void close() throws SQLException {
    gateways.forEach(WriteGateway::close);
  }
}
