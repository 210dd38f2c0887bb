package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands out the one Postgres of a test run, started when first asked for and ended with the run.
 */
final class OnePostgres implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == LocalPostgres.class;
  }

  @Override
  public LocalPostgres resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return of(context);
  }

  /** The one of this run. */
  static LocalPostgres of(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(OnePostgres.class))
        .computeIfAbsent(
            LocalPostgres.class, type -> LocalPostgres.temporary(), LocalPostgres.class);
  }
}
