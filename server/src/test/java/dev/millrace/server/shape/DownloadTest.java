package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DownloadTest {

  private static final long FLOOR = 1_000;

  private static boolean isExcessive(long snapshotBytes, long snapshotRows, ShapeLog.Size log) {
    return new Download(snapshotBytes, snapshotRows, log).isExcessive(FLOOR);
  }

  @Test
  void aLogOfUpdatesIsTooLongOnceItIsMoreThanTwiceTheTable() {
    assertThat(isExcessive(10_000, 100, new ShapeLog.Size(20_000, 200, 0))).isFalse();
    assertThat(isExcessive(10_000, 100, new ShapeLog.Size(20_001, 200, 0))).isTrue();
  }

  @Test
  void aLogOfInsertsIsNeverTooLong() {
    assertThat(isExcessive(100, 1, new ShapeLog.Size(1_000_000, 10_000, 10_000))).isFalse();
  }

  @Test
  void aTableThatShrankToNothingMakesItsOwnSnapshotTooLong() {
    assertThat(isExcessive(1_000_000, 1_000, new ShapeLog.Size(150_000, 1_000, -1_000))).isTrue();
  }

  @Test
  void anEmptyTableTakesNoFreshSnapshotBeforeTheFloor() {
    assertThat(isExcessive(100, 0, new ShapeLog.Size(900, 9, 0))).isFalse();
    assertThat(isExcessive(100, 0, new ShapeLog.Size(1_000, 10, 0))).isTrue();
  }
}
