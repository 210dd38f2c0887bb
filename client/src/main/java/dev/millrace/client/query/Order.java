package dev.millrace.client.query;

import dev.millrace.client.store.ColumnType;

/** By which column rows are sorted; made by {@link Column}. */
public record Order(String column, ColumnType type, boolean isAscending) {}
