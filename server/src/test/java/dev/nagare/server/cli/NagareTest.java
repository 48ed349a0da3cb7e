package dev.nagare.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class NagareTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine nagare =
      Nagare.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

  @Command(name = "fails")
  static final class Fails implements NagareSubcommand {
    private final RuntimeException failure;

    Fails(RuntimeException failure) {
      this.failure = failure;
    }

    @Override
    public Integer call() {
      throw failure;
    }
  }

  private int execute(RuntimeException failure, String... args) {
    var line = Nagare.commandLine();
    line.addSubcommand(new Fails(failure));
    return line.setErr(new PrintWriter(err)).execute(args);
  }

  @Test
  void helpNamesTheCommandsAndTheExitCodes() {
    assertThat(nagare.execute("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "demo", "models", "replay", "config", "doctor", "Exit codes:", "75", "start-up file");
  }

  @Test
  void aCommandThatIsNamedIsTheOnlyOneToBeBuilt() {
    CommandLine serve = Nagare.commandLine("serve");
    assertThat(serve.getSubcommands()).containsOnlyKeys("serve");
    assertThat(serve.setOut(new PrintWriter(out)).execute("serve", "--help")).isZero();
    assertThat(out.toString()).contains("nagare serve").contains("--config");
    assertThat(Nagare.commandLine("help").getSubcommands()).containsKeys("serve", "help", "demo");
    assertThat(Nagare.commandLine("--debug").getSubcommands()).containsKeys("serve", "replay");
  }

  @Test
  void replayTakesFormatsInSmallLetters() {
    assertThat(nagare.execute("replay", "--format", "protocol")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("FILE.csv: expected the file to feed");
    assertThat(nagare.execute("replay", "--to-offset", "5")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--to-offset: expected --config and --model");
  }

  @Test
  void anUnknownCommandIsAnsweredWithTheNearest() {
    assertThat(nagare.execute("doctr")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("'doctr'").contains("doctor");
  }

  @Test
  void anUnknownOptionIsOneLine() {
    assertThat(nagare.execute("demo", "--unknown")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).startsWith("nagare demo: Unknown option").contains("--help");
  }

  @Test
  void aFailureIsOneLineWithItsExitCode() {
    assertThat(execute(new CommandException(3, "port 1 is taken:\n  a\n  b"), "fails"))
        .isEqualTo(3);
    assertThat(err.toString().strip()).isEqualTo("nagare: port 1 is taken: a; b");
  }

  @Test
  void aFailureWithoutWordsStillSaysSomething() {
    assertThat(execute(new IllegalStateException(), "fails")).isEqualTo(ExitCode.FAILURE);
    assertThat(err.toString()).contains("IllegalStateException").contains("--debug");
  }

  @Test
  void debugShowsWhere() {
    execute(new IllegalStateException("broken"), "fails", "--debug");
    assertThat(err.toString()).contains("nagare: broken").contains("\tat ");
  }
}
