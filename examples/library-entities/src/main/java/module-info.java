/** The Library's entities, as an application has its own. */
module dev.millrace.examples.library {
  requires static dev.millrace.annotations;
  requires transitive dev.millrace.client;

  exports dev.millrace.examples.library;
}
