package dev.millrace.server.filter;

/**
 * A condition on the rows of one table in the form in which Postgres prints it: every cast written
 * out, every constant with its type, fully parenthesised, on one line. What makes two conditions
 * the same is this text. Immutable.
 *
 * <p>Columns stand by their names alone. Types, functions and operators outside {@code pg_catalog}
 * carry their schema ({@code 'a'::public.mood}, {@code OPERATOR(public.=)}), so the text means the
 * same on every search path.
 *
 * @param canonical such as {@code ((year >= 1900) AND (title ~~ 'a%'::text))}
 */
public record Filter(String canonical) {}
