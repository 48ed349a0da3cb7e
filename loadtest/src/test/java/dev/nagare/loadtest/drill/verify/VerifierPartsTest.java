package dev.nagare.loadtest.drill.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.loadtest.drill.verify.RegistryEntry.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A judge that finds nothing wrong is worth nothing unless it finds what is. */
class VerifierPartsTest {
  private final InputLog input =
      InputLog.of(
          "t",
          List.of(
              record(0, InputLog.ROW, "r0"),
              record(1, InputLog.POISON, "p"),
              record(2, InputLog.ROW, "r2"),
              record(3, InputLog.QUESTION, "q")));

  @TempDir Path folder;

  @Test
  void everyRecordOnceIsCovered() throws IOException {
    Coverage coverage = Coverage.of(input, answers(0, 2, 3), List.of(refusal(1)));
    assertThat(coverage).isEqualTo(new Coverage(List.of(), List.of(), List.of(), 0));
  }

  @Test
  void aMissingAnswerIsLostAndADoubledOneRepeated() throws IOException {
    Coverage coverage = Coverage.of(input, answers(0, 0, 3), List.of(refusal(1)));
    assertThat(coverage.lost()).containsExactly(2L);
    assertThat(coverage.repeated()).containsExactly(0L);
  }

  @Test
  void anAnswerToNobodyAndAnAnswerToPoisonAreStrange() throws IOException {
    Coverage coverage = Coverage.of(input, answers(0, 1, 2, 3, 9), List.of());
    assertThat(coverage.strange()).hasSize(2);
    assertThat(String.join(" ", coverage.strange())).contains("t-0-9", "poison at offset 1");
  }

  @Test
  void aRowThatAGuardTookBackIsNoRefusal() throws IOException {
    Coverage coverage =
        Coverage.of(input, answers(0, 2, 3), List.of(refusal(1), quarantine("[0,2]")));
    assertThat(coverage).isEqualTo(new Coverage(List.of(), List.of(), List.of(), 2));
    assertThat(
            Coverage.of(
                    input,
                    answers(0, 2, 3),
                    List.of(refusal(1), quarantine("[0]"), quarantine("[0]")))
                .repeated())
        .containsExactly(0L);
  }

  @Test
  void theDigestIsTheChainOfRowsWithTheirOffsets() throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    byte[] chain = new byte[32];
    for (long offset : new long[] {0, 2}) {
      sha256.update(chain);
      sha256.update(ByteBuffer.allocate(8).putLong(offset).array());
      chain = sha256.digest(("r" + offset).getBytes(UTF_8));
    }
    var digest = new RecordsDigest(input);
    assertThat(digest.before(4)).isEqualTo(HexFormat.of().formatHex(chain));
    assertThat(digest.before(3)).isEqualTo(digest.before(4));
    assertThat(digest.before(2)).isEqualTo(digest.before(1)).isNotEqualTo(digest.before(3));
    assertThat(digest.before(0)).isEqualTo("0".repeat(64));
  }

  @Test
  void aBlobIsTheBytesOfItsChunks() {
    var faults = new Faults();
    blobs("abc", "def").check(List.of(entry("m-1", "abcdef", 2)), faults);
    assertThat(faults.sentences()).isEmpty();
  }

  @Test
  void aBlobWithAnotherByteOrWithoutAChunkIsFound() {
    var faults = new Faults();
    blobs("abc", "dex").check(List.of(entry("m-1", "abcdef", 2)), faults);
    blobs("abc").check(List.of(entry("m-1", "abcdef", 2)), faults);
    assertThat(faults.sentences()).hasSize(2);
    assertThat(faults.sentences().get(0)).contains("SHA-256 of m-1");
    assertThat(faults.sentences().get(1)).contains("chunk 1 of m-1 is not in");
  }

  @Test
  void whatWasReplacedMustHaveATombstone() {
    var faults = new Faults();
    List<RawRecord> records = new ArrayList<>();
    records.add(chunk(0, "m-1/0", "abc"));
    records.add(chunk(1, "m-2/0", "xyz"));
    RegistryEntry old = entry("m-1", "abc", 1);
    Checkpoint now = new Checkpoint("m-2", 2, hash("xyz"), 3, 1, 1, "t", 0, 2, 1, 0, 0, "", "");
    List<RegistryEntry> registry = List.of(old, new RegistryEntry(1, false, List.of(now)));
    new Blobs(records).check(registry, faults);
    assertThat(faults.sentences())
        .containsExactly("superseded checkpoints without a tombstone: m-1");
    records.add(new RawRecord(2, "m-1/0", null, Map.of()));
    var none = new Faults();
    new Blobs(records).check(registry, none);
    assertThat(none.sentences()).isEmpty();
  }

  @Test
  void aFileUnderACheckpointsNameMustBeThatCheckpoint() throws IOException {
    Files.writeString(folder.resolve("m-1"), "abcdef");
    Files.writeString(folder.resolve("m-2.tmp"), "whatever");
    var faults = new Faults();
    List<RegistryEntry> registry = List.of(entry("m-1", "abcdef", 1));
    assertThat(LocalFiles.check(folder, registry, Set.of(), faults)).isEqualTo(1);
    assertThat(faults.sentences()).isEmpty();
    Files.writeString(folder.resolve("m-1"), "abc");
    LocalFiles.check(folder, registry, Set.of(), faults);
    assertThat(faults.sentences()).hasSize(1);
    LocalFiles.check(folder, registry, Set.of(hash("abc")), faults);
    assertThat(faults.sentences()).as("what the drill itself spoiled").hasSize(1);
  }

  @Test
  void aWriterThatCameBackAfterItsSuccessorIsFound() {
    List<LogBatch> batches =
        List.of(batch(0, 5, 1), batch(1, 5, 2), batch(2, 6, 0), batch(3, 5, 1), batch(4, -1, -1));
    assertThat(LogBatch.late(batches)).containsExactly(batch(3, 5, 1));
  }

  @Test
  void theHeadOfABatchIsReadAsTheBrokerWritesIt() throws IOException {
    ByteBuffer log = ByteBuffer.allocate(200);
    for (int i = 0; i < 2; i++) {
      int at = i * 80;
      log.putLong(at, 40 + i).putInt(at + 8, 80 - 12).put(at + 16, (byte) 2);
      log.putShort(at + 21, (short) (i == 0 ? 0x10 : 0x30));
      log.putLong(at + 43, 1234).putShort(at + 51, (short) 9);
    }
    Path topic = Files.createDirectories(folder.resolve("t-0"));
    Files.write(topic.resolve("00000000000000000000.log"), log.array());
    assertThat(LogBatch.read(folder, "t"))
        .containsExactly(
            new LogBatch("t", 40, 1234, 9, false), new LogBatch("t", 41, 1234, 9, true));
  }

  private static LogBatch batch(long offset, long producer, int epoch) {
    return new LogBatch("t", offset, producer, epoch, false);
  }

  private static Blobs blobs(String... chunks) {
    List<RawRecord> records = new ArrayList<>();
    for (String each : chunks) {
      records.add(chunk(records.size(), "m-1/" + records.size(), each));
    }
    return new Blobs(records);
  }

  private static RawRecord chunk(long offset, String key, String value) {
    return new RawRecord(offset, key, value.getBytes(UTF_8), Map.of());
  }

  private static RegistryEntry entry(String name, String blob, int chunks) {
    return new RegistryEntry(
        0,
        false,
        List.of(
            new Checkpoint(
                name, 1, hash(blob), blob.length(), chunks, 0, "t", 0, 1, 1, 0, 0, "", "")));
  }

  private static String hash(String text) {
    return Sha256.hex(text.getBytes(UTF_8));
  }

  private static RawRecord record(long offset, String kind, String value) {
    return new RawRecord(offset, null, value.getBytes(UTF_8), Map.of(InputLog.KIND, kind));
  }

  private static List<RawRecord> answers(long... offsets) {
    List<RawRecord> answers = new ArrayList<>();
    for (long offset : offsets) {
      answers.add(new RawRecord(answers.size(), "t-0-" + offset, new byte[0], Map.of()));
    }
    return answers;
  }

  private static RawRecord refusal(long offset) {
    return letter(offset, "malformed", "");
  }

  private static RawRecord quarantine(String offsets) {
    return letter(2, "quarantined", "{\"offsets\":" + offsets + "}");
  }

  private static RawRecord letter(long offset, String kind, String value) {
    return new RawRecord(
        0,
        null,
        value.getBytes(UTF_8),
        Map.of("topic", "t", "offset", Long.toString(offset), "kind", kind));
  }
}
