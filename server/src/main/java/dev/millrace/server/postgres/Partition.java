package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;

/**
 * A partition somewhere below a partitioned table.
 *
 * @param parent what it is directly a partition of
 * @param since the transaction that made it one: another if it was detached and attached again
 * @param isBorn whether it was created as a partition, and so had no rows before it was one
 * @param isLeaf whether it holds rows itself
 * @param isFull whether its replica identity is full
 */
public record Partition(
    int oid,
    RelationName name,
    int parent,
    int since,
    boolean isBorn,
    boolean isLeaf,
    boolean isFull) {}
