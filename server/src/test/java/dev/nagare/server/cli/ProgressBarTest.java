package dev.nagare.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private final StringWriter out = new StringWriter();

  @Test
  void fillsUpAndGoesAway() {
    var bar = new ProgressBar(new PrintWriter(out), true);

    bar.show(0.5, "500 records sent");
    bar.clear();

    assertThat(out.toString())
        .contains("[" + "#".repeat(15) + "-".repeat(15) + "]  50 %  500 records sent")
        .endsWith("\r\u001b[K");
  }

  @Test
  void isNotThereWhereNobodyLooks() {
    var bar = new ProgressBar(new PrintWriter(out), false);

    bar.show(0.5, "half");
    bar.clear();

    assertThat(out.toString()).isEmpty();
  }
}
