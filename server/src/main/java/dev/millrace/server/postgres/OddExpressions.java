package dev.millrace.server.postgres;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Has the pool keep a connection on which Postgres has said that it does not support something
 * ({@code 0A000}): it says so of expressions in odd places, and the pool takes it for the end of
 * the connection.
 */
final class OddExpressions implements SQLExceptionOverride {

  private static final String FEATURE_NOT_SUPPORTED = "0A000";

  @java.lang.Override
  public SQLExceptionOverride.Override adjudicate(SQLException error) {
    return FEATURE_NOT_SUPPORTED.equals(error.getSQLState())
        ? SQLExceptionOverride.Override.DO_NOT_EVICT
        : SQLExceptionOverride.Override.CONTINUE_EVICT;
  }
}
