package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;

/**
 * The stream did not carry a value that a message needs: the table's replica identity was taken
 * from full, and a large value stayed as it was. The shape has to begin anew.
 */
final class IncompleteRowException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  IncompleteRowException(RelationName relation) {
    super("the replica identity of " + relation + " is no longer full", null, false, false);
  }
}
