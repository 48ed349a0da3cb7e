package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningServerIT {
  @TempDir private Path folder;

  @Test
  void aStartThatFailsLeavesNoBrokerBehind() throws Exception {
    Files.createDirectory(folder.resolve("nagare.yaml")); // where its file is to be
    Set<ProcessHandle> before = children();
    assertThatThrownBy(() -> LearningServer.start(folder)).isInstanceOf(IOException.class);
    assertThat(before).containsAll(children());
  }

  private static Set<ProcessHandle> children() {
    return ProcessHandle.current().children().collect(Collectors.toSet());
  }
}
