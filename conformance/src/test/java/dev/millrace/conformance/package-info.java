/**
 * Black-box tests: a server process on a real Postgres, read by the official clients, by plain
 * HTTP, through a cache and by a browser. Read {@code SyncedDatabase} and {@code Follower} first;
 * the tests of single statements of docs/protocol.md end in {@code HttpTest} and name the section.
 *
 * <p>Nothing here looks into the server: what is known of it comes over HTTP or from Postgres.
 */
@NullMarked
package dev.millrace.conformance;

import org.jspecify.annotations.NullMarked;
