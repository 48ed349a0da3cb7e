package dev.nagare.models.image;

import static dev.nagare.models.image.Pictures.file;
import static dev.nagare.models.image.Pictures.image;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.awt.image.BufferedImage;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Files with bytes changed at random become pictures or are refused; nothing else happens. */
class ImageFuzzTest {
  private static final long SEED = 20261126;
  private static final long MOST_PIXELS = 1 << 16;

  /** For a picture of at most 65536 pixels: 8 bytes for each, some copies, and the readers. */
  private static final long MOST_BYTES = 8 << 20;

  private static final ImageSteps STEPS =
      new ImageSteps(
          32,
          32,
          Fit.SHORTEST_EDGE_AND_CROP,
          40,
          new Resize(Resample.BILINEAR, true),
          Channels.RGB,
          new Normalize(1, new double[3], new double[] {1, 1, 1}),
          true);

  private static int rounds() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "verify" -> 3_000;
      case "ci" -> 60_000;
      default -> 1_000_000;
    };
  }

  private static List<byte[]> files() {
    return List.of(
        file(image(BufferedImage.TYPE_INT_RGB, 40, 30, (x, y) -> x * y * 999), "png"),
        file(image(BufferedImage.TYPE_BYTE_INDEXED, 40, 30, (x, y) -> ~(x * y * 9999)), "png"),
        file(image(BufferedImage.TYPE_USHORT_GRAY, 20, 20, (x, y) -> ~(x * y * 9999)), "png"),
        file(image(BufferedImage.TYPE_INT_RGB, 40, 30, (x, y) -> x * y * 999), "jpeg"),
        file(image(BufferedImage.TYPE_BYTE_GRAY, 40, 30, (x, y) -> x * y * 999), "jpeg"));
  }

  @Test
  void damagedFilesAreRefusedAndTakeLittleMemory() {
    System.out.printf("seed %d, %d files%n", SEED, rounds());
    var random = new SplittableRandom(SEED);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<byte[]> files = files();
    int decoded = 0;
    int refused = 0;
    for (byte[] whole : files) { // loads classes
      STEPS.of(ImageFile.read(whole, MOST_PIXELS));
    }
    for (int round = 0; round < rounds(); round++) {
      byte[] bytes = mutated(files.get(random.nextInt(files.size())), random);
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        assertThat(STEPS.of(ImageFile.read(bytes, MOST_PIXELS))).hasSize(3 * 32 * 32);
        decoded++;
      } catch (ImageException e) {
        assertThat(e).hasMessageStartingWith("image: ");
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("round " + round + " of seed " + SEED, e);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as("bytes in round %d", round)
          .isLessThan(MOST_BYTES);
    }
    System.out.printf("%d decoded, %d refused%n", decoded, refused);
    assertThat(decoded).isPositive();
    assertThat(refused).isPositive();
  }

  private static byte[] mutated(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0);
        case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        default -> {
          int from = random.nextInt(bytes.length);
          int length = random.nextInt(Math.min(bytes.length - at, bytes.length - from) + 1);
          System.arraycopy(whole.length > from + length ? whole : bytes, from, bytes, at, length);
        }
      }
    }
    if (random.nextInt(4) > 0) {
      sum(bytes); // or nothing behind the check sums of a PNG would ever be reached
    }
    return bytes;
  }

  /** Makes the check sums of a PNG's chunks right, as far as its lengths lead. */
  private static void sum(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    for (int at = 8; PngFile.isOne(bytes) && at + 12 <= bytes.length; ) {
      int length = in.getInt(at);
      if (length < 0 || length > bytes.length - at - 12) {
        return;
      }
      var sum = new CRC32();
      sum.update(bytes, at + 4, 4 + length);
      in.putInt(at + 8 + length, (int) sum.getValue());
      at += 12 + length;
    }
  }
}
