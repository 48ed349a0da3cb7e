package dev.nagare.loadtest.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.rehearsal.CrashPoint;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  @TempDir Path folder;

  @Test
  void whatOneProcessEntersTheOtherReads() throws IOException {
    Ledger learner = Ledger.open(folder.resolve("ledger"));
    Ledger drill = Ledger.open(folder.resolve("ledger"));
    learner.learned(41, 7);
    learner.passes(CrashPoint.MID_UPLOAD);
    learner.passes(CrashPoint.MID_UPLOAD);
    assertThat(drill.rows()).isEqualTo(1);
    assertThat(drill.nextOffset()).isEqualTo(42);
    assertThat(drill.version()).isEqualTo(7);
    assertThat(drill.passages(CrashPoint.MID_UPLOAD)).isEqualTo(2);
    assertThat(drill.passages(CrashPoint.MID_STEP)).isZero();
    assertThat(drill.lastPoint()).contains(CrashPoint.MID_UPLOAD);
  }

  @Test
  void anArmedPointHoldsOnceUntilReleased() throws IOException {
    Ledger ledger = Ledger.open(folder.resolve("ledger"));
    assertThat(ledger.holds(CrashPoint.MID_STEP)).isFalse();
    ledger.arm(CrashPoint.BEFORE_COMMIT);
    assertThat(ledger.holds(CrashPoint.MID_STEP)).isFalse();
    assertThat(ledger.holds(CrashPoint.BEFORE_COMMIT)).isTrue();
    assertThat(ledger.held()).isTrue();
    ledger.release();
    assertThat(ledger.held()).isFalse();
    assertThat(ledger.holds(CrashPoint.BEFORE_COMMIT)).isFalse();
  }
}
