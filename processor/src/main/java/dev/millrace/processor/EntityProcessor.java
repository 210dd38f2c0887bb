package dev.millrace.processor;

import dev.millrace.annotations.Synced;
import dev.millrace.processor.model.EntityModel;
import dev.millrace.processor.model.Problem;
import dev.millrace.processor.read.EntityReader;
import dev.millrace.processor.validate.EntityRules;
import dev.millrace.processor.validate.RecordRules;
import dev.millrace.processor.validate.TogetherRules;
import dev.millrace.processor.write.DescriptionWriter;
import dev.millrace.processor.write.EntityWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.Filer;
import javax.annotation.processing.FilerException;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.ModuleElement;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;
import javax.tools.StandardLocation;

/** Writes the classes of each record marked {@link Synced}. The compiler makes and calls it. */
public final class EntityProcessor extends AbstractProcessor {

  private final TogetherRules together = new TogetherRules();

  /** For the compiler. */
  public EntityProcessor() {}

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return Set.of(Synced.class.getName());
  }

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    round.getElementsAnnotatedWith(Synced.class).stream()
        .filter(TypeElement.class::isInstance)
        .map(TypeElement.class::cast)
        .forEach(this::process);
    return false;
  }

  private void process(TypeElement type) {
    List<Problem> problems = new ArrayList<>(RecordRules.check(type));
    if (problems.isEmpty()) {
      EntityModel entity =
          new EntityReader(processingEnv.getTypeUtils(), processingEnv.getElementUtils())
              .read(type);
      problems.addAll(EntityRules.check(entity));
      problems.addAll(together.add(entity));
      if (problems.isEmpty()) {
        problems.addAll(write(entity));
      }
    }
    problems.forEach(problem ->
        processingEnv
            .getMessager()
            .printMessage(Diagnostic.Kind.ERROR, problem.text(), problem.at()));
  }

  private List<Problem> write(EntityModel entity) {
    try {
      for (Map.Entry<String, String> source :
          EntityWriter.write(entity, marksGenerated(entity)).entrySet()) {
        try (Writer out = filer().createSourceFile(source.getKey(), entity.at()).openWriter()) {
          out.write(source.getValue());
        }
      }
      try (Writer out =
          filer()
              .createResource(
                  StandardLocation.CLASS_OUTPUT, "", DescriptionWriter.path(entity), entity.at())
              .openWriter()) {
        out.write(DescriptionWriter.write(entity));
      }
      return List.of();
    } catch (FilerException e) {
      return List.of(
          new Problem(
              entity.at(),
              "a class that is to be written for %s is there already, one of %s and %sColumns, Local, Electric, Merged, Cleanup: rename it, or say what to call these, @Synced(table = \"%s\", name = \"…\")"
                  .formatted(entity.record(), entity.facade(), entity.facade(), entity.table())));
    } catch (IOException e) {
      return List.of(new Problem(entity.at(), "what was written for it cannot be stored: " + e));
    }
  }

  private Filer filer() {
    return processingEnv.getFiler();
  }

  /** Applications that are modules may not read the one that has the annotation. */
  private boolean marksGenerated(EntityModel entity) {
    ModuleElement module = processingEnv.getElementUtils().getModuleOf(entity.at());
    String name = "javax.annotation.processing.Generated";
    return module == null
        ? processingEnv.getElementUtils().getTypeElement(name) != null
        : processingEnv.getElementUtils().getTypeElement(module, name) != null;
  }
}
