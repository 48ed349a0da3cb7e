package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.Source;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.nagare.server.http.HttpDoor;
import dev.nagare.streaming.Streaming;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What a caller of gRPC is told to do has to be a thing that it can do there: no refusal names a
 * path of HTTP. Looked for in every text of every class that the door, or a model behind it, can
 * reach.
 */
class GrpcRefusalsTest {
  private static final Pattern PATH = Pattern.compile("/v2\\b|\\b(GET|POST|PUT|DELETE|HEAD) ");

  /** Texts that no caller of gRPC sees. */
  private static final Set<String> OVER_HTTP_ALONE =
      Set.of("' has no canary; POST /v2/repository/models/"); // where canaries are begun

  private final JavaClasses classes = new ClassFileImporter().importPackages("dev.nagare");

  @Test
  void noTextThatTheDoorCanReachNamesAPathOfHttp() throws IOException {
    Set<JavaClass> reached = new LinkedHashSet<>();
    for (Class<?> root : List.of(GrpcDoor.class, Streaming.class)) {
      reached.add(classes.get(root));
      for (Dependency found : classes.get(root).getTransitiveDependenciesFromSelf()) {
        reached.add(found.getTargetClass().getBaseComponentType());
      }
    }
    reached.removeIf(
        type ->
            !type.getPackageName().startsWith("dev.nagare")
                || type.getPackageName().equals("dev.nagare.server.config")); // before any door
    assertThat(reached.stream().map(JavaClass::getSimpleName))
        .contains("Call", "Serving", "LearnedModelService", "LoadedModelService", "Batcher");
    List<String> paths = new ArrayList<>();
    for (JavaClass type : reached) {
      paths.addAll(paths(type));
    }
    assertThat(paths).hasSize(OVER_HTTP_ALONE.size());
    assertThat(paths).allMatch(text -> OVER_HTTP_ALONE.stream().anyMatch(text::contains));
  }

  @Test
  void aPathWouldBeFound() throws IOException {
    assertThat(paths(classes.get(HttpDoor.class))).anyMatch(text -> text.contains("begins at /v2"));
  }

  @Test
  void whoComesTooEarlyIsToldWhatToAskHere() {
    try (var starting = new GrpcDoors(Set.of())) {
      StockClient.assertRefused(
          () -> starting.infer(GrpcDoors.request()), Status.Code.UNAVAILABLE, "ServerReady");
    }
  }

  /** Texts of a class, and what it joins to texts, that name a path. */
  private static List<String> paths(JavaClass type) throws IOException {
    Source source = type.getSource().orElse(null);
    if (source == null) {
      return List.of(); // of an array, or a primitive
    }
    List<String> paths = new ArrayList<>();
    try (InputStream in = source.getUri().toURL().openStream()) {
      for (PoolEntry entry : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
        if (entry instanceof StringEntry text && PATH.matcher(text.stringValue()).find()) {
          paths.add(text.stringValue());
        }
      }
    }
    return paths;
  }
}
