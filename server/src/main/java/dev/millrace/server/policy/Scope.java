package dev.millrace.server.policy;

/** A table, by its OID, and a role that reads it. */
public record Scope(int oid, String role) {}
