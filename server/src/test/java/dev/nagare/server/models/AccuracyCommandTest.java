package dev.nagare.server.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.io.Npy;
import dev.nagare.server.RoundedModel;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AccuracyCommandTest {
  private static final String WHY_NOT = KernelProviders.best().kernels().prepared().whyNoBFloat16();

  private final StringWriter out = new StringWriter();
  @TempDir private Path folder;
  private String model = "";

  @BeforeEach
  void writeModel() throws IOException {
    model = RoundedModel.write(folder.resolve("models/small/1/model.onnx")).toString();
  }

  @Test
  void printsCosineAndErrorOfEveryOutput() {
    assumeTrue(WHY_NOT.isEmpty(), "not here: " + WHY_NOT);
    assertThat(run("small", "--repository", folder.resolve("models").toString())).isZero();
    assertThat(out.toString())
        .contains("small in BF16 against F32, over made-up inputs of seed 1\n")
        .containsPattern("  output  cosine      error / scale  scale\n  y       0\\.999\\d{4}")
        .endsWith("within the bound: a cosine of at least 0.999\n");
    assertThat(run(model, "--least-cosine", "1.0")).isEqualTo(ExitCode.FAILURE);
    assertThat(out.toString()).endsWith("NOT within the bound: a cosine of at least 1.0\n");
  }

  @Test
  void comparesOverInputsThatAreGivenAndAnswersInJson() throws IOException {
    assumeTrue(WHY_NOT.isEmpty(), "not here: " + WHY_NOT);
    Path input = folder.resolve("x.npy");
    try (var memory = new ProcessMemory("accuracy test")) {
      Npy.write(input, memory.of(Shape.of(1, 3), 0, 0, 0)); // all of it is exact
    }
    assertThat(run(model, "--input", "x=" + input, "--least-cosine", "1", "--json")).isZero();
    JsonNode answer = new ObjectMapper().readTree(out.toString());
    assertThat(answer.path("inputs").asText()).isEqualTo("the inputs given");
    assertThat(answer.path("within").asBoolean()).isTrue();
    assertThat(answer.at("/outputs/0"))
        .hasToString("{\"name\":\"y\",\"cosine\":1.0,\"error\":0.0,\"scale\":1.0}");
  }

  @Test
  void saysWhatCannotBeCompared() {
    assertThat(run("none.onnx")).isEqualTo(ExitCode.USAGE);
    assertThat(out.toString()).contains("none.onnx: there is no such file");
    if (WHY_NOT.isEmpty()) {
      assertThat(run(model, "--size", "M=3")).isEqualTo(ExitCode.FAILURE);
      assertThat(out.toString()).contains("sizes [M]: expected some of [N]");
    } else {
      assertThat(run(model)).isEqualTo(ExitCode.FAILURE);
      assertThat(out.toString()).contains("no BF16 here: ");
    }
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    return new CommandLine(new AccuracyCommand())
        .setOut(new PrintWriter(out))
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              out.write(failure.getMessage());
              return failure instanceof CommandException known ? known.exitCode() : -1;
            })
        .execute(arguments);
  }
}
