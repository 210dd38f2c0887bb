package dev.millrace.examples.library.desktop;

import static dev.millrace.examples.library.desktop.Shelf.work;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.examples.library.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkFormTest {

  private static final Work HAMLET = work("Hamlet", null, 1603, "en");

  @Test
  void aWorkGoesThroughTheFieldsUnchanged() {
    assertThat(WorkForm.of(HAMLET).on(HAMLET)).isEqualTo(HAMLET);
  }

  @Test
  void whatIsEmptyIsNotKnownAndSpacesAroundAreNobodysWish() {
    Work saved = new WorkForm(" Hamlet ", " ", "", " en").on(HAMLET);

    assertThat(saved).isEqualTo(work("Hamlet", null, null, "en"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MDCIII", "1603.5", "99999999999", "16 03"})
  void aYearIsAWholeNumber(String year) {
    assertThat(new WorkForm("Hamlet", "", year, "").problem())
        .hasValueSatisfying(problem -> assertThat(problem).contains("whole number"));
  }

  @Test
  void whatTheServerDecidesIsNoProblemHere() {
    assertThat(new WorkForm("Hamlet", "", "0", "").problem()).isEmpty();
    assertThat(new WorkForm("Ὀρέστεια", "", " -458 ", "").problem()).isEmpty();
    assertThat(new WorkForm("  ", "", "", "").problem()).contains("A work needs a title.");
  }

  @Test
  void whatWasTypedStaysWhenTheWorkChangesElsewhere() {
    WorkForm loaded = new WorkForm("Hamlet", "", "1603", "en");
    WorkForm typed = new WorkForm("Hamlet", "Shake", "1603", "en");
    WorkForm now = new WorkForm("Hamlet, a play", "Anonymous", "1603", "en");

    assertThat(typed.rebased(loaded, now))
        .isEqualTo(new WorkForm("Hamlet, a play", "Shake", "1603", "en"));
  }
}
