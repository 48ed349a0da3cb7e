package dev.nagare.server.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LineageCommandTest {
  private final StringWriter out = new StringWriter();

  @Test
  void saysWhichRecordsMadeAVersionAndHowToRebuildIt() {
    try (var doors = Doors.open()) {
      assertThat(run("pulse", "--url", doors.uri("/").toString())).isZero();
    }
    assertThat(out.toString())
        .contains(
            "pulse version 7: pulse.requests-0, offsets 3 to 39",
            "37 examples, 2 refused, 1 quarantined",
            "step 5  pulse.requests-0, offsets 3 to 37  records cd34  state ef56  2026-11-25T10:00:00Z",
            "nagare replay --config FILE --model pulse --to-offset 38");
  }

  @Test
  void printsTheAnswerAsJson() throws Exception {
    try (var doors = Doors.open()) {
      assertThat(run("pulse", "--json", "--url", doors.uri("").toString())).isZero();
    }
    assertThat(new ObjectMapper().readTree(out.toString()).get("next_offset").asLong())
        .isEqualTo(40);
  }

  @Test
  void saysWhyThereIsNoAnswer() {
    try (var doors = Doors.open()) {
      assertRefused(
          ExitCode.USAGE,
          "model 'pluse' is not served here; served: pulse",
          "pluse",
          "--url",
          doors.uri("").toString());
    }
    assertRefused(
        ExitCode.FAILURE,
        "no server answers at http://127.0.0.1:1",
        "m",
        "--url",
        "http://127.0.0.1:1");
    assertRefused(ExitCode.USAGE, "--url: expected an address", "m", "--url", "localhost");
  }

  private void assertRefused(int exitCode, String message, String... arguments) {
    assertThat(run(arguments)).isEqualTo(exitCode);
    assertThat(out.toString()).contains(message);
  }

  private int run(String... arguments) {
    return new CommandLine(new LineageCommand())
        .setOut(new PrintWriter(out))
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              out.write(String.valueOf(failure.getMessage()));
              return failure instanceof CommandException known ? known.exitCode() : -1;
            })
        .execute(arguments);
  }
}
