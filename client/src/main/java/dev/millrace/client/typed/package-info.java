/**
 * What the classes that the compiler writes for a record stand on: columns of the record's types,
 * and values between records and rows.
 *
 * <p>Read first {@link dev.millrace.client.typed.TypedQuery}, which an application uses. {@link
 * dev.millrace.client.typed.MappedColumn} and {@link dev.millrace.client.typed.OpaqueColumn} are
 * columns whose values are stored as those of another type; {@link
 * dev.millrace.client.typed.ValuesRead} and {@link dev.millrace.client.typed.ValuesToWrite} go
 * between a record and a row, or a record within one and JSON.
 *
 * <p>Invariants: nothing here looks at classes; what is generated says all. Errors: a row that does
 * not fit its record is a {@link dev.millrace.client.store.SyncClientException} with {@code
 * TYPE_MISMATCH}, which names the column.
 */
@NullMarked
package dev.millrace.client.typed;

import org.jspecify.annotations.NullMarked;
