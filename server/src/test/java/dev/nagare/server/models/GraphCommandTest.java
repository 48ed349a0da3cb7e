package dev.nagare.server.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.SmallModel;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;
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
  void printsThePlanInBf16WhereTheProcessorMultipliesIt() {
    String why = KernelProviders.best().kernels().prepared().whyNoBFloat16();
    String[] line = {"small", "--repository", folder.toString(), "--plan", "N=4"};
    int code =
        run(
            Stream.concat(Stream.of(line), Stream.of("--precision", "BF16"))
                .toArray(String[]::new));
    if (why.isEmpty()) {
      assertThat(out.toString()).contains("{N=4} BF16");
      assertThat(code).isZero();
    } else {
      assertThat(out.toString()).contains(why);
      assertThat(code).isEqualTo(ExitCode.USAGE);
    }
    run(line);
    assertThat(out.toString()).contains("{N=4} F32");
  }

  @Test
  void refusesAPrecisionThatNoPlanHas() {
    assertRefused(
        "expected dtype F32 or BF16, got I64",
        "small",
        "--repository",
        folder.toString(),
        "--plan",
        "N=4",
        "--precision",
        "I64");
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
