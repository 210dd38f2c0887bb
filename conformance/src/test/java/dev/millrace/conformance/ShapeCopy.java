package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A client's copy of one shape: where it stands and what it was told. */
final class ShapeCopy {
  private static final int MOST_ANSWERS = 1000;
  private static final int MOST_BEGINNINGS = 5;

  private final ShapeHttp http;
  private final List<String> parameters;
  private final List<Answer> answers = new ArrayList<>();
  private String handle = "";
  private String offset = "-1";

  private ShapeCopy(ShapeHttp http, List<String> parameters) {
    this.http = http;
    this.parameters = parameters;
  }

  /** Reads until it is up-to-date; begins anew if the shape ends meanwhile. */
  static ShapeCopy of(ShapeHttp http, String table, String... parameters)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("table", table));
    all.addAll(List.of(parameters));
    for (int i = 0; i < MOST_BEGINNINGS; i++) {
      ShapeCopy copy = new ShapeCopy(http, all);
      if (copy.readToTheEnd()) {
        return copy;
      }
    }
    throw new IllegalStateException("ended again and again");
  }

  String handle() {
    return handle;
  }

  String offset() {
    return offset;
  }

  List<Answer> answers() {
    return List.copyOf(answers);
  }

  List<Message> rows() {
    return answers.stream().flatMap(answer -> answer.changes().stream()).toList();
  }

  /** Values of {@code id}, a number, of the rows that are left of all that it was told. */
  List<String> ids() {
    Set<Integer> ids = new TreeSet<>();
    for (Message row : rows()) {
      Integer id = Integer.valueOf(String.valueOf(row.value("id")));
      if (row.operation().equals("delete")) {
        ids.remove(id);
      } else {
        ids.add(id);
      }
    }
    return ids.stream().map(String::valueOf).toList();
  }

  /** The parameters of its next request, and further ones. */
  String[] next(String... further) {
    return at(offset, further);
  }

  /** Those of a request at another offset. */
  String[] at(String otherOffset, String... further) {
    return Stream.of(
            parameters.stream(),
            Stream.of("offset", otherOffset),
            handle.isEmpty() ? Stream.<String>of() : Stream.of("handle", handle),
            Stream.of(further))
        .flatMap(part -> part)
        .toArray(String[]::new);
  }

  /** Reads without waiting until it is up-to-date. */
  void readOn() throws IOException, InterruptedException {
    assertThat(readToTheEnd()).as("still served").isTrue();
  }

  /** False if the shape has ended. */
  private boolean readToTheEnd() throws IOException, InterruptedException {
    for (int i = 0; i < MOST_ANSWERS; i++) {
      Answer answer = http.shape(next());
      if (answer.status() == 409) {
        return false;
      }
      if (take(answer).isUpToDate()) {
        return true;
      }
    }
    throw new IllegalStateException("never up-to-date");
  }

  /** Long polls until changes come, at most a few times; returns those of one answer. */
  List<Message> awaitChanges() throws IOException, InterruptedException {
    for (int i = 0; i < 5; i++) {
      List<Message> changes = take(http.shape(next("live", "true"))).changes();
      if (!changes.isEmpty()) {
        return changes;
      }
    }
    throw new IllegalStateException("no changes came");
  }

  /** Long polls until it was told of so many changes in all; returns all of them. */
  List<Message> awaitRows(int count) throws IOException, InterruptedException {
    while (rows().size() < count) {
      awaitChanges();
    }
    return rows();
  }

  /** Asks again until the handle is refused, and returns the refusal. */
  Answer awaitRefusal() throws IOException, InterruptedException {
    for (int i = 0; i < 5; i++) {
      Answer answer = http.shape(next("live", "true"));
      if (answer.status() != 200) {
        return answer;
      }
      take(answer);
    }
    throw new IllegalStateException("still served");
  }

  private Answer take(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    handle = answer.handle();
    offset = answer.offset();
    answers.add(answer);
    return answer;
  }
}
