package dev.millrace.server.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PgSnapshotTest {

  private static final long BEFORE = 10;

  private final PgSnapshot snapshot = PgSnapshot.parse("100:105:101,103", 1000);

  @Test
  void transactionsBelowXminAndFinishedOnesBelowXmaxAreSeen() {
    assertThat(snapshot.sees(99, BEFORE)).isTrue();
    assertThat(snapshot.sees(100, BEFORE)).isTrue();
    assertThat(snapshot.sees(101, BEFORE)).isFalse();
    assertThat(snapshot.sees(102, BEFORE)).isTrue();
    assertThat(snapshot.sees(103, BEFORE)).isFalse();
    assertThat(snapshot.sees(105, BEFORE)).isFalse();
    assertThat(snapshot.sees(106, BEFORE)).isFalse();
  }

  @Test
  void whatCommitsAfterTheSnapshotWasTakenIsNeverSeen() {
    assertThat(snapshot.sees(99, 999)).isTrue();
    assertThat(snapshot.sees(99, 1000)).isFalse();
  }

  @Test
  void shortTransactionIdsAreWidenedAcrossAWrap() {
    long epoch = 7L << 32;
    PgSnapshot wrapped = new PgSnapshot(epoch + 5, epoch + 5, java.util.List.of(), 1000);

    assertThat(wrapped.sees(4, BEFORE)).isTrue();
    assertThat(wrapped.sees(5, BEFORE)).isFalse();
    assertThat(wrapped.sees(0xFFFF_FFF0, BEFORE)).isTrue();
  }

  @Test
  void theTextFormReadsBack() {
    assertThat(PgSnapshot.parse(snapshot.text(), 1000)).isEqualTo(snapshot);
    assertThat(PgSnapshot.parse("5:5:", 1).running()).isEmpty();
  }
}
