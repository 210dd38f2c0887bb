/** What an application says of its records; the processor reads it, nothing at run time does. */
module dev.millrace.annotations {
  requires static transitive org.jspecify;

  exports dev.millrace.annotations;
}
