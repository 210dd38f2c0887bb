/** Local reads and writes over SQLite, synced with a Millrace server in the background. */
module dev.millrace.client {
  requires static transitive org.jspecify;
  requires transitive dev.millrace.protocol;
  requires com.fasterxml.jackson.core;
  requires transitive java.net.http;
  requires java.sql;
  requires org.slf4j;
  requires org.xerial.sqlitejdbc;

  exports dev.millrace.client;
  exports dev.millrace.client.query;
  exports dev.millrace.client.sqlite;
  exports dev.millrace.client.store;
  exports dev.millrace.client.stream;
  exports dev.millrace.client.transport;
  exports dev.millrace.client.typed;
  exports dev.millrace.client.writebuffer;
}
