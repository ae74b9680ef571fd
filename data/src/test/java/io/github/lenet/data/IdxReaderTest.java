package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.internal.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxReaderTest {
  private static final byte[] PIXELS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, (byte) 255};
  private static final byte[] IMAGES = TinyDataset.idx(8, PIXELS, 2, 2, 3);
  private static final byte[] LABELS = TinyDataset.idx(8, new byte[] {3, 1, 4}, 3);

  @TempDir Path directory;

  @Test
  void readsPlainImages() throws IOException {
    IdxFile images = IdxReader.readImages(file(IMAGES));
    assertArrayEquals(new int[] {2, 2, 3}, images.dimensions());
    assertArrayEquals(PIXELS, images.body());
    assertEquals(IMAGES.length, images.sizeInBytes());
    assertEquals(Sha256.of(IMAGES), images.sha256());
    assertEquals(Sha256.of(IMAGES), images.rawSha256());
  }

  @Test
  void readsGzippedImagesAndHashesBothForms() throws IOException {
    byte[] gzip = gzip(IMAGES);
    IdxFile images = IdxReader.readImages(file(gzip));
    assertArrayEquals(PIXELS, images.body());
    assertEquals(gzip.length, images.sizeInBytes());
    assertEquals(Sha256.of(gzip), images.sha256());
    assertEquals(Sha256.of(IMAGES), images.rawSha256());
  }

  @Test
  void readsLabels() throws IOException {
    IdxFile labels = IdxReader.readLabels(file(LABELS));
    assertEquals(3, labels.count());
    assertArrayEquals(new byte[] {3, 1, 4}, labels.body());
  }

  @Test
  void readsAGzipFileOfSeveralMembers() throws IOException {
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    members.write(gzip(Arrays.copyOf(IMAGES, 7)));
    members.write(gzip(Arrays.copyOfRange(IMAGES, 7, IMAGES.length)));
    assertArrayEquals(PIXELS, IdxReader.readImages(file(members.toByteArray())).body());
  }

  @Test
  void rejectsAnEmptyFile() {
    assertFault("header is too short", 0, new byte[0]);
  }

  @Test
  void rejectsAHeaderThatIsTooShortForTheMagicNumber() {
    assertFault("header is too short: expected 4 bytes", 3, new byte[] {0, 0, 8});
  }

  @Test
  void rejectsAHeaderThatIsTooShortForTheDimensions() {
    assertFault("header is too short: expected 3 dimensions", 10, Arrays.copyOf(IMAGES, 10));
  }

  @Test
  void rejectsAMagicNumberThatDoesNotBeginWithZeros() {
    assertFault("not an IDX file: expected 00 00", 0, changed(IMAGES, 0, 1));
    assertFault("not an IDX file: expected 00 00", 0, changed(IMAGES, 1, 1));
  }

  @Test
  void rejectsAWebPage() {
    assertFault("web page", 0, "<!DOCTYPE html><html></html>".getBytes());
  }

  /** The length of 28 bytes ends with three zeros of its own, that of 2^24 + 16 with none. */
  @ParameterizedTest
  @ValueSource(ints = {28, 300, 70_000, 16_777_232})
  void passesOverZerosAfterAGzipFile(int size) throws IOException {
    byte[] packed = gzip(TinyDataset.idx(8, new byte[size - 16], 1, 1, size - 16));
    for (int zeros : new int[] {1, 2, 3, 4, 5, 512, 100_000}) {
      Path file = file(Arrays.copyOf(packed, packed.length + zeros));
      IdxFile read = IdxReader.readImages(file);
      assertEquals(size - 16, read.body().length);
      assertEquals(packed.length + zeros, read.sizeInBytes());
      assertEquals(Sha256.of(Files.readAllBytes(file)), read.sha256());
    }
    byte[] other = Arrays.copyOf(packed, packed.length + 100);
    other[packed.length + 50] = 1;
    assertFault("gzip stream is corrupt", -1, other);
  }

  @Test
  void rejectsOtherElementTypes() {
    for (int type : new int[] {0x00, 0x09, 0x0b, 0x0c, 0x0d, 0x0e}) {
      assertFault("element type is not uint8: expected 08", 2, changed(IMAGES, 2, type));
    }
  }

  @Test
  void rejectsLabelsInThePlaceOfImages() {
    assertFault("number of dimensions is wrong: expected 3", 3, LABELS);
  }

  @Test
  void rejectsImagesInThePlaceOfLabels() throws IOException {
    Path file = file(IMAGES);
    IdxFormatException e = assertThrows(IdxFormatException.class, () -> IdxReader.readLabels(file));
    assertTrue(e.getMessage().contains("number of dimensions is wrong: expected 1"), e::getMessage);
  }

  @Test
  void rejectsADimensionOfZero() {
    assertFault("dimension is zero", 8, TinyDataset.idx(8, PIXELS, 2, 0, 3));
  }

  @Test
  void rejectsAProductOfDimensionsThatOverflows() {
    assertFault("overflows", 8, TinyDataset.idx(8, PIXELS, -1, -1, -1));
  }

  @Test
  void rejectsMoreThanAGibibyteWithoutAllocatingIt() {
    assertFault("header claims too much", 4, TinyDataset.idx(8, PIXELS, 60_000, 28, 28_000));
    assertFault("header claims too much", 4, gzip(TinyDataset.idx(8, PIXELS, 60_000, 28, 28_000)));
  }

  @Test
  void rejectsMoreThanTheCatalogueAllows() throws IOException {
    Path file = file(IMAGES);
    IdxFormatException e =
        assertThrows(IdxFormatException.class, () -> IdxReader.readImages(file, IMAGES.length - 1));
    assertTrue(e.getMessage().contains("header claims too much"), e::getMessage);
    assertArrayEquals(PIXELS, IdxReader.readImages(file, IMAGES.length).body());
  }

  @Test
  void rejectsAClaimThatACompressedFileOfThisSizeCannotHoldWithoutAllocatingIt() {
    // 900 MB from a file of some 40 bytes: would not fit into the heap of a small machine.
    assertFault(
        "body is too short for the header", 0, gzip(TinyDataset.idx(8, PIXELS, 30_000, 300, 100)));
  }

  @Test
  void stopsReadingADecompressionBomb() throws IOException {
    byte[] zeros = new byte[20_000_000];
    byte[] bomb = gzip(TinyDataset.idx(8, zeros, 1, 1, 1));
    assertFault("bytes are left over", 17, bomb);
  }

  @Test
  void rejectsABodyThatIsTooShort() {
    byte[] truncated = Arrays.copyOf(IMAGES, IMAGES.length - 1);
    assertFault("body is too short for the header: expected 12 bytes", 27, truncated);
    assertFault("body is too short for the header: expected 12 bytes", 27, gzip(truncated));
  }

  @Test
  void rejectsBytesThatAreLeftOver() {
    byte[] extended = Arrays.copyOf(IMAGES, IMAGES.length + 1);
    assertFault("bytes are left over", 28, extended);
    assertFault("bytes are left over", 28, gzip(extended));
  }

  @Test
  void rejectsEveryTruncation() throws IOException {
    for (byte[] whole : new byte[][] {IMAGES, gzip(IMAGES)}) {
      for (int length = 0; length < whole.length; length++) {
        Path file = file(Arrays.copyOf(whole, length));
        assertThrows(
            IdxFormatException.class, () -> IdxReader.readImages(file), "cut to " + length);
      }
    }
  }

  @Test
  void rejectsEveryExtensionByAByte() throws IOException {
    for (byte[] whole : new byte[][] {IMAGES, gzip(IMAGES)}) {
      for (int value = whole == IMAGES ? 0 : 1; value < 256; value++) { // a zero is padding
        byte[] extended = Arrays.copyOf(whole, whole.length + 1);
        extended[whole.length] = (byte) value;
        Path file = file(extended);
        assertThrows(
            IdxFormatException.class, () -> IdxReader.readImages(file), "extended by " + value);
      }
    }
  }

  @Test
  void aChangedByteInAGzipFileNeverChangesAPixelUnnoticed() throws IOException {
    byte[] whole = gzip(IMAGES);
    for (int i = 0; i < whole.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        Path file = file(changed(whole, i, whole[i] ^ 1 << bit));
        try {
          IdxFile read = IdxReader.readImages(file);
          assertArrayEquals(PIXELS, read.body());
          assertNotEquals(Sha256.of(whole), read.sha256());
        } catch (IdxFormatException e) {
          assertTrue(e.getMessage().startsWith(file.toString()), e::getMessage);
        }
      }
    }
  }

  @Test
  void saysThatACutOffGzipFileEnds() {
    byte[] cutOff = gzip(IMAGES);
    assertFault(
        "cut off: expected a whole gzip file, found the end of the file",
        0,
        Arrays.copyOf(cutOff, cutOff.length - 3));
  }

  @Test
  void countsWhatALargeGzipFileHoldsBeforeAllocatingIt() throws Exception {
    // 600 kB that could hold 500 MB, as the header says, but do not; on a heap of 64 MB.
    byte[] noise = new byte[600_000];
    new Random(1).nextBytes(noise);
    String message = readOnASmallHeap(gzip(TinyDataset.idx(8, noise, 5_000, 100, 1_000)));
    assertTrue(message.contains("IdxFormatException"), message);
    assertTrue(
        message.contains("expected 500,000,000 bytes of elements, as the header says, found 600,"),
        message);
    assertTrue(message.contains("(at byte 600016)"), message);
  }

  @Test
  void saysWhatHelpsWhenTheElementsDoNotFitIntoMemory() throws Exception {
    byte[] whole = gzip(TinyDataset.idx(8, new byte[100_000_000], 100, 1_000, 1_000));
    String message = readOnASmallHeap(whole);
    assertTrue(message.contains("IdxFormatException: " + directory.resolve("file")), message);
    assertTrue(message.contains("do not fit into Java's memory: expected room for 100,000,000"));
    assertTrue(message.contains("Give Java more memory: -Xmx"), message);
  }

  @Test
  void readsALargeGzipFileThatIsWhole() throws IOException {
    byte[] elements = new byte[70_000_000];
    elements[69_999_999] = 7;
    byte[] raw = TinyDataset.idx(8, elements, 70, 1_000, 1_000);
    IdxFile images = IdxReader.readImages(file(gzip(raw)));
    assertArrayEquals(elements, images.body());
    assertEquals(Sha256.of(raw), images.rawSha256());
    assertEquals(Sha256.of(gzip(raw)), images.sha256());
  }

  @Test
  void rejectsWhatIsLeftOverOrCutOffInALargeGzipFile() {
    byte[] longer = TinyDataset.idx(8, new byte[70_000_001], 70, 1_000, 1_000);
    assertFault("bytes are left over", 70_000_016, gzip(longer));
    byte[] cutOff = gzip(TinyDataset.idx(8, new byte[70_000_000], 70, 1_000, 1_000));
    assertFault("found the end of the file", 0, Arrays.copyOf(cutOff, cutOff.length - 100));
  }

  /** What another process says of a file. */
  private String readOnASmallHeap(byte[] content) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                ReadMain.class.getName(),
                file(content).toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return output;
  }

  @Test
  void saysWhichFileAndWhatToDo() throws IOException {
    Path file = file(Arrays.copyOf(IMAGES, 20));
    IdxFormatException e = assertThrows(IdxFormatException.class, () -> IdxReader.readImages(file));
    assertEquals(
        file
            + ": the body is too short for the header: expected 12 bytes of elements, as the header"
            + " says, found a file of 20 bytes that cannot hold them (at byte 20). Replace the file"
            + " with a complete copy of the original.",
        e.getMessage());
  }

  private void assertFault(String message, long offset, byte[] content) {
    IdxFormatException e =
        assertThrows(IdxFormatException.class, () -> IdxReader.readImages(file(content)));
    assertTrue(e.getMessage().contains(message), e::getMessage);
    if (offset > 0) {
      assertEquals(offset, e.byteOffset(), e::getMessage);
    }
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("file"), content);
  }

  private static byte[] changed(byte[] bytes, int at, int to) {
    byte[] copy = bytes.clone();
    copy[at] = (byte) to;
    return copy;
  }

  private static byte[] gzip(byte[] bytes) {
    return TinyDataset.gzip(bytes, 6);
  }

  @Test
  void namesTheDimensionThatIsWrong() {
    assertFault("expected at least 1, found [2, 3, 0]", 12, TinyDataset.idx(8, PIXELS, 2, 3, 0));
    // The first two still fit into 63 bits.
    assertFault(
        "found [2147483648, 2147483648, 4]",
        12,
        TinyDataset.idx(8, PIXELS, Integer.MIN_VALUE, Integer.MIN_VALUE, 4));
  }

  @Test
  void saysOfDamageInTheMiddleOfAGzipFileWhatItIs() {
    byte[] gzip = gzip(IMAGES);
    byte[] corrupt = changed(gzip, gzip.length - 8, gzip[gzip.length - 8] ^ 1);
    IdxFormatException e =
        assertThrows(IdxFormatException.class, () -> IdxReader.readImages(file(corrupt)));
    assertTrue(e.getMessage().contains("CRC32"), e::getMessage);
    assertFalse(e.getMessage().contains("the end of the file"), e::getMessage);
  }
}
