package dev.millrace.examples.library.desktop;

import static dev.millrace.examples.library.desktop.Shelf.work;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.examples.library.Work;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorksViewTest {

  private static final List<Work> ALL =
      List.of(
          work("Hamlet", "William Shakespeare", 1603, "en"),
          work("emma", "Jane Austen", 1815, "en"),
          work("Ἰλιάς", "Homer", null, "grc"),
          work("Persuasion", "Jane Austen", 1817, null));

  private static List<String> titles(WorksView view) {
    return view.of(ALL).stream().map(Work::title).toList();
  }

  @Test
  void everyWordIsSomewhereInTheWorkWhateverItsCase() {
    assertThat(titles(WorksView.START.search("JANE 18"))).containsExactly("emma", "Persuasion");
    assertThat(titles(WorksView.START.search(" jane  emma "))).containsExactly("emma");
    assertThat(titles(WorksView.START.search("grc"))).containsExactly("Ἰλιάς");
    assertThat(titles(WorksView.START.search("jane homer"))).isEmpty();
  }

  @Test
  void whatIsNotKnownIsNotFoundByTheWordNull() {
    assertThat(titles(WorksView.START.search("null"))).isEmpty();
  }

  @Test
  void orderedByAColumnAndTheOtherWayRoundWhenThatIsAskedForAgain() {
    WorksView byYear = WorksView.START.toggled(WorkColumn.YEAR);

    assertThat(titles(WorksView.START)).containsExactly("emma", "Hamlet", "Persuasion", "Ἰλιάς");
    assertThat(titles(byYear)).containsExactly("Hamlet", "emma", "Persuasion", "Ἰλιάς");
    assertThat(titles(byYear.toggled(WorkColumn.YEAR)))
        .containsExactly("Ἰλιάς", "Persuasion", "emma", "Hamlet");
  }
}
