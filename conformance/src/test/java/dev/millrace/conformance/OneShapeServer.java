package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands out one {@link ShapeServer}, started when first asked for and ended with the run. */
final class OneShapeServer implements ParameterResolver {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == ShapeServer.class;
  }

  @Override
  public ShapeServer resolveParameter(ParameterContext parameter, ExtensionContext context) {
    LocalPostgres postgres = OnePostgres.of(context);
    return context
        .getRoot()
        .getStore(Namespace.create(OneShapeServer.class))
        .computeIfAbsent(ShapeServer.class, type -> ShapeServer.start(postgres), ShapeServer.class);
  }
}
