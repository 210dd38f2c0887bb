/** The wire of Millrace as immutable values and codecs. Does no I/O. */
module dev.millrace.protocol {
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.core;

  exports dev.millrace.protocol;
}
