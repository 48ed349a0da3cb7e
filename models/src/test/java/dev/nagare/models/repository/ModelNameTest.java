package dev.nagare.models.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelNameTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "digits-2", "mini_lm.l6", "7", "-", "_x"})
  void aNameOfLettersDigitsAndMarksFits(String name) {
    assertThat(ModelName.fault(name)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", ".hidden", "A", "a b", "a/b", "../a", "ä", "a\n", "a\0"})
  void anotherOneIsRefusedWithWhatIsExpected(String name) {
    assertThat(ModelName.fault(name))
        .contains("expected 1 to 64 of a-z, 0-9, '.', '_' and '-'", "got '" + name + "'");
  }

  @Test
  void whatFitsIsWhatThePatternSays() {
    for (char c = 0; c < 0x180; c++) {
      for (String name : List.of("" + c, "a" + c)) {
        assertThat(ModelName.fits(name)).as(name).isEqualTo(name.matches(ModelName.PATTERN));
      }
    }
  }

  @Test
  void aLongOneIsRefusedAndCutInTheRefusal() {
    assertThat(ModelName.fits("a".repeat(64))).isTrue();
    assertThat(ModelName.fault("a".repeat(65))).isNotNull();
    assertThat(ModelName.fault("a".repeat(100_000))).hasSizeLessThan(250);
  }
}
