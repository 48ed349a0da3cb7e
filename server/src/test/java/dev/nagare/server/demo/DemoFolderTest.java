package dev.nagare.server.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.server.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFolderTest {
  @TempDir Path temp;

  @Test
  void freshForgetsWhatADemoLeftAndNothingElse() throws IOException {
    Path path = temp.resolve("a demo");
    try (var folder = DemoFolder.open(path, false)) {
      Files.writeString(folder.serverData().resolve("checkpoint"), "state");
      Files.createSymbolicLink(folder.brokerData().resolve("link"), temp);
      Files.writeString(path.resolve("mine.txt"), "mine");
    }
    Files.writeString(temp.resolve("outside.txt"), "outside");
    try (var folder = DemoFolder.open(path, true)) {
      assertThat(folder.serverData()).isEmptyDirectory();
      assertThat(path.resolve("mine.txt")).exists();
      assertThat(temp.resolve("outside.txt")).exists();
    }
  }

  @Test
  void freshDoesNotTouchAFolderThatNoDemoMade() throws IOException {
    Path precious = Files.createDirectories(temp.resolve("home/server"));
    assertThatThrownBy(() -> DemoFolder.open(temp.resolve("home"), true))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("was not made by a demo");
    assertThat(precious).exists();
  }

  @Test
  void withoutFreshADemoGoesOn() throws IOException {
    try (var folder = DemoFolder.open(temp, false)) {
      Files.writeString(folder.serverData().resolve("checkpoint"), "state");
    }
    try (var folder = DemoFolder.open(temp, false)) {
      assertThat(folder.serverData().resolve("checkpoint")).exists();
    }
  }

  @Test
  void oneDemoAtATime() {
    try (var first = DemoFolder.open(temp, false)) {
      assertThat(first.path()).exists();
      assertThatThrownBy(() -> DemoFolder.open(temp, false))
          .hasMessageContaining("another demo uses")
          .hasMessageContaining("--data");
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsASentence() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThatThrownBy(() -> DemoFolder.open(file.resolve("demo"), false))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("cannot write")
        .hasMessageContaining("--data");
  }

  @Test
  void theStandardFolderFollowsTheEnvironment() {
    assertThat(DemoFolder.standard(Map.of(), "/home/u", 8000))
        .isEqualTo(Path.of("/home/u/.local/share/nagare/demo/8000"));
    assertThat(DemoFolder.standard(Map.of("XDG_DATA_HOME", "/x"), "/home/u", 8100))
        .isEqualTo(Path.of("/x/nagare/demo/8100"));
    assertThat(DemoFolder.standard(Map.of("NAGARE_DATA", "/d"), "/home/u", 8000))
        .isEqualTo(Path.of("/d"));
  }
}
