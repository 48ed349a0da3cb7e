package dev.nagare.models.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.models.processing.Classes.Scored;
import dev.nagare.models.text.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassesTest {
  private static final List<String> LABELS = List.of("cat", "dog", "cow");

  @TempDir private Path folder;

  @Test
  void theBestComeFirstAndOfEqualOnesTheFirst() {
    var classes = new Classes("y", LABELS, 2, false);
    assertThat(classes.best(new float[] {1, 3, 1}))
        .containsExactly(new Scored("dog", 1, 3), new Scored("cat", 0, 1));
    assertThat(classes.best(new float[] {Float.NaN, -5, Float.NaN}).getFirst())
        .isEqualTo(new Scored("dog", 1, -5));
  }

  @Test
  void classesWithoutLabelsHaveTheirNumbers() {
    assertThat(new Classes("y", List.of(), 9, false).best(new float[] {0, 1}))
        .containsExactly(new Scored("1", 1, 1), new Scored("0", 0, 0));
  }

  @Test
  void probabilitiesAreOverAllClassesNotOnlyTheBest() {
    // Powers of e whose logarithms are 0, ln 2 and ln 5 stand as 1 : 2 : 5.
    float[] scores = {0, (float) Math.log(2), (float) Math.log(5)};
    Scored best = new Classes("y", LABELS, 1, true).best(scores).getFirst();
    assertThat(best.label()).isEqualTo("cow");
    assertThat(best.score()).isEqualTo(0.625f, within(1e-6f));
    float[] large = {1000, 1000, 0};
    assertThat(new Classes("y", LABELS, 1, true).best(large).getFirst().score()).isEqualTo(0.5f);
  }

  @Test
  void aVectorIsPooledAndThenMadeAUnit() {
    float[] values = {0, 0, 6, 8};
    assertThat(new Embedding("y", Pooling.MEAN, false).of(values, 0, 2, 2)).containsExactly(3, 4);
    assertThat(new Embedding("y", Pooling.MEAN, true).of(values, 0, 2, 2))
        .containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f));
  }

  @Test
  void everyLineOfAFileIsALabel() throws IOException {
    Path file = Files.writeString(folder.resolve("labels.txt"), "tabby cat\ndög\n");
    assertThat(LabelFile.read(file)).containsExactly("tabby cat", "dög");
    Path hole = Files.writeString(folder.resolve("hole"), "a\n\nb\n");
    assertThatThrownBy(() -> LabelFile.read(hole))
        .hasMessage(hole + ":2: expected a label, got an empty line");
  }
}
