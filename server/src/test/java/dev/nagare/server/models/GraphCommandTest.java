package dev.nagare.server.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.SmallModel;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class GraphCommandTest {
  private final StringWriter out = new StringWriter();
  @TempDir private Path folder;

  @BeforeEach
  void writeModel() throws IOException {
    SmallModel.write(folder.resolve("small/1/model.onnx"));
  }

  @Test
  void printsTheGraphOfAModelInARepositoryAndOfAFile() {
    assertThat(run("small", "--repository", folder.toString())).isZero();
    assertThat(out.toString()).contains("in  x: F32 [N, 3]", "Unary[function=RELU] (x)", "out y");
    assertThat(run(folder.resolve("small/1/model.onnx").toString(), "--dot")).isZero();
    assertThat(out.toString()).startsWith("digraph");
  }

  @Test
  void printsThePlanForSizesAndWhereItsTimeGoes() {
    assertThat(run("small", "--repository", folder.toString(), "--plan", "N=4")).isZero();
    assertThat(out.toString()).contains("F32 [4, 3]");
    assertThat(run("small", "--repository", folder.toString(), "--plan", "N=4", "--profile"))
        .isZero();
    assertThat(out.toString()).contains("us in all");
  }

  @Test
  void saysWhatThereIsInstead() {
    assertRefused(
        "big: no such model in " + folder + ", which has small",
        "big",
        "--repository",
        folder.toString());
    assertRefused("none.onnx: there is no such file", "none.onnx");
    assertRefused(
        "sizes without a number", "small", "--repository", folder.toString(), "--plan", "M=4");
  }

  private void assertRefused(String message, String... arguments) {
    assertThat(run(arguments)).isEqualTo(ExitCode.USAGE);
    assertThat(out.toString()).contains(message);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    return new CommandLine(new GraphCommand())
        .setOut(new PrintWriter(out))
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              out.write(failure.getMessage());
              return failure instanceof CommandException known ? known.exitCode() : -1;
            })
        .execute(arguments);
  }
}
