package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.internal.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxDirectoryTest {
  @TempDir Path directory;

  @BeforeEach
  void writeTwoAndOneImagesOfOneByTwo() throws IOException {
    write("train-images-idx3-ubyte", TinyDataset.idx(8, new byte[] {1, 2, 3, 4}, 2, 1, 2));
    write("train-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {0, 2}, 2));
    write("t10k-images-idx3-ubyte", TinyDataset.idx(8, new byte[] {5, 6}, 1, 1, 2));
    write("t10k-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {3}, 1));
  }

  @Test
  void readsImagesOfAnySize() throws IOException {
    DatasetSplits splits = IdxDirectory.load(directory);
    assertEquals(2, splits.train().size());
    assertEquals(1, splits.train().height());
    assertEquals(2, splits.train().width());
    assertArrayEquals(new byte[] {3, 4}, splits.train().image(1));
    assertArrayEquals(new byte[] {5, 6}, splits.test().image(0));
  }

  @Test
  void countsTheClassesInTrainAndTestLabels() throws IOException {
    DatasetSplits splits = IdxDirectory.load(directory);
    assertEquals(List.of("0", "1", "2", "3"), splits.train().classNames());
    assertEquals(4, splits.test().classCount());
  }

  @Test
  void leavesMirroringToTheUser() throws IOException {
    assertTrue(IdxDirectory.load(directory).allowsHorizontalFlip());
  }

  @Test
  void saysWhatWasRead() throws IOException {
    Provenance provenance = IdxDirectory.load(directory).provenance();
    assertEquals("idx", provenance.id());
    assertEquals("unknown", provenance.licence());
    assertEquals("", provenance.note());
    assertFalse(provenance.isFallback());
    Provenance.File first = provenance.files().get(0);
    byte[] bytes = Files.readAllBytes(directory.resolve("train-images-idx3-ubyte"));
    assertEquals("train-images-idx3-ubyte", first.name());
    assertEquals(
        directory.resolve("train-images-idx3-ubyte").toAbsolutePath().toString(), first.location());
    assertEquals(bytes.length, first.sizeInBytes());
    assertEquals(Sha256.of(bytes), first.sha256());
    assertEquals(Sha256.of(bytes), first.rawSha256());
  }

  @Test
  void takesGzippedAndDottedNamesToo() throws IOException {
    Path plain = directory.resolve("train-images-idx3-ubyte");
    Files.write(
        directory.resolve("train-images-idx3-ubyte.gz"),
        TinyDataset.gzip(Files.readAllBytes(plain), 6));
    Files.delete(plain);
    Files.move(
        directory.resolve("t10k-images-idx3-ubyte"), directory.resolve("t10k-images.idx3-ubyte"));
    assertEquals(2, IdxDirectory.load(directory).train().size());
  }

  @Test
  void namesAMissingFile() throws IOException {
    Files.delete(directory.resolve("t10k-labels-idx1-ubyte"));
    NoSuchFileException e =
        assertThrows(NoSuchFileException.class, () -> IdxDirectory.load(directory));
    assertEquals(
        directory
            + ": files are missing: expected t10k-labels-idx1-ubyte, each gzipped or not, found"
            + " t10k-images-idx3-ubyte, train-images-idx3-ubyte, train-labels-idx1-ubyte.",
        e.getMessage());
  }

  private void rename(String prefix) throws IOException {
    for (String name : List.of("images-idx3-ubyte", "labels-idx1-ubyte")) {
      Files.move(directory.resolve("train-" + name), directory.resolve(prefix + "train-" + name));
      Files.move(directory.resolve("t10k-" + name), directory.resolve(prefix + "test-" + name));
    }
  }

  @Test
  void knowsEmnistByItsNames() throws IOException {
    rename("emnist-letters-");
    IdxFormatException e =
        assertThrows(IdxFormatException.class, () -> IdxDirectory.load(directory));
    assertTrue(
        e.getMessage().contains("expected 1 to 26, as emnist-letters has them, found 0"),
        e::getMessage);

    write("emnist-letters-train-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {1, 26}, 2));
    DatasetSplits letters = IdxDirectory.load(directory);
    assertEquals(26, letters.classNames().size());
    assertEquals("z", letters.classNames().get(letters.train().label(1)));
    assertEquals("c", letters.classNames().get(letters.test().label(0)));
    assertEquals("emnist-letters", letters.provenance().id());
    assertFalse(letters.allowsHorizontalFlip(), "b is not d");
  }

  @Test
  void aFileNamesTheClasses() throws IOException {
    Files.writeString(directory.resolve("classes.txt"), "\ufeffcat\r\n dog \r\neel\r\nfür\r\n\r\n");
    assertEquals(List.of("cat", "dog", "eel", "für"), IdxDirectory.load(directory).classNames());

    Files.writeString(directory.resolve("classes.txt"), "a\nb\nc\n");
    assertFault("t10k-labels-idx1-ubyte: a label is out of range: expected 0 to 2, found 3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "a\n\nb", "a\nb\na", "a\n \nb"})
  void namesOfClassesDiffer(String names) throws IOException {
    Path file = Files.writeString(directory.resolve("classes.txt"), names);
    String message =
        assertThrows(IOException.class, () -> IdxDirectory.load(directory)).getMessage();
    assertTrue(message.startsWith(file + ": expected 2 to 256 different names"), message);
  }

  @Test
  void namesOfClassesAreShortAndInUtf8() throws IOException {
    Path file = Files.write(directory.resolve("classes.txt"), new byte[] {'a', '\n', (byte) 0xfc});
    assertThrows(IOException.class, () -> IdxDirectory.load(directory), "is not in UTF-8");
    Files.write(file, new byte[100_000]);
    assertThrows(IOException.class, () -> IdxDirectory.load(directory), "is too large");
  }

  /** As many classes as the paper's table 2 has. */
  @ParameterizedTest
  @CsvSource({
    "byclass, 62, z",
    "bymerge, 47, t",
    "balanced, 47, t",
    "digits, 10, 9",
    "mnist, 10, 9"
  })
  void namesTheClassesOfEmnist(String set, int classes, String last) throws IOException {
    rename("emnist-" + set + "-");
    List<String> names = IdxDirectory.load(directory).classNames();
    assertEquals(classes, names.size());
    assertEquals("0", names.get(0));
    assertEquals(last, names.get(classes - 1));
  }

  @Test
  void refusesADirectoryOfSeveralSets() throws IOException {
    rename("emnist-digits-");
    Path labels = directory.resolve("emnist-digits-train-labels-idx1-ubyte");
    Files.copy(labels, directory.resolve("emnist-mnist-train-labels-idx1-ubyte"));
    String message =
        assertThrows(NoSuchFileException.class, () -> IdxDirectory.load(directory)).getMessage();
    assertTrue(message.contains("has the files of several data sets, such as emnist-d"), message);
  }

  @Test
  void transposesImages() throws IOException {
    write(
        "train-images-idx3-ubyte",
        TinyDataset.idx(8, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 2, 3));
    write("t10k-images-idx3-ubyte", TinyDataset.idx(8, new byte[] {5, 6, 7, 8, 9, 10}, 1, 2, 3));
    DatasetSplits upright = IdxDirectory.load(directory).transposed();
    assertEquals(3, upright.train().height());
    assertEquals(2, upright.train().width());
    assertArrayEquals(new byte[] {7, 10, 8, 11, 9, 12}, upright.train().image(1));
    assertArrayEquals(new byte[] {5, 8, 6, 9, 7, 10}, upright.test().image(0));
    assertEquals(2, upright.train().label(1));
  }

  @Test
  void takesUpperCaseAndTestForT10k() throws IOException {
    Files.move(
        directory.resolve("train-images-idx3-ubyte"), directory.resolve("TRAIN-IMAGES-IDX3-UBYTE"));
    Files.move(
        directory.resolve("t10k-images-idx3-ubyte"), directory.resolve("test-images-idx3-ubyte"));
    Files.move(
        directory.resolve("t10k-labels-idx1-ubyte"), directory.resolve("Test-Labels.idx1-ubyte"));
    assertEquals(1, IdxDirectory.load(directory).test().size());
  }

  @Test
  void namesAllThatIsMissingAndWhatMayBeMeant() throws IOException {
    Files.move(
        directory.resolve("train-labels-idx1-ubyte"),
        directory.resolve("train-labels-idx1-ubyte (1).gz"));
    Files.delete(directory.resolve("t10k-images-idx3-ubyte"));
    String message =
        assertThrows(NoSuchFileException.class, () -> IdxDirectory.load(directory)).getMessage();
    assertTrue(
        message.contains("expected train-labels-idx1-ubyte, t10k-images-idx3-ubyte, each"),
        message);
    assertTrue(
        message.endsWith(
            " train-labels-idx1-ubyte (1).gz may be train-labels-idx1-ubyte; rename it."),
        message);

    Files.delete(directory.resolve("train-labels-idx1-ubyte (1).gz"));
    Files.createDirectory(directory.resolve("train-labels-idx1-ubyte"));
    message =
        assertThrows(NoSuchFileException.class, () -> IdxDirectory.load(directory)).getMessage();
    assertTrue(
        message.endsWith(" train-labels-idx1-ubyte is a directory; the file may be in it."),
        message);
    assertTrue(message.contains("expected train-labels-idx1-ubyte, t10k-images-idx3-ubyte, each"));
  }

  @Test
  void saysWhatIsWrongWithFilesOfAnotherShape() throws IOException {
    write("train-images-idx3-ubyte", TinyDataset.idx(8, new byte[12], 2, 1, 2, 3));
    assertFault("These may have colours: convert them to grey, one byte a pixel.");
    write("train-images-idx3-ubyte", TinyDataset.idx(8, new byte[4], 2, 2));
    assertFault("These may be flat rows: store them with their height and width.");
    write("train-images-idx3-ubyte", TinyDataset.idx(8, new byte[2], 2));
    assertFault("These may be the labels: check that they are not interchanged.");
    write("train-labels-idx1-ubyte", TinyDataset.idx(8, new byte[20], 2, 10));
    assertFault("These may be one-hot rows: store the number of the class, one byte an image.");
    byte[] once = TinyDataset.gzip(TinyDataset.idx(8, new byte[] {0, 2}, 2), 6);
    write("train-labels-idx1-ubyte", TinyDataset.gzip(once, 6));
    assertFault("the file is gzipped twice: expected 00 00, found 1f 8b again");
  }

  @Test
  void namesAMissingDirectory() {
    assertThrows(NoSuchFileException.class, () -> IdxDirectory.load(directory.resolve("nowhere")));
    assertThrows(
        NotDirectoryException.class,
        () -> IdxDirectory.load(directory.resolve("t10k-labels-idx1-ubyte")));
  }

  @Test
  void rejectsMoreImagesThanLabels() throws IOException {
    write("train-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {0}, 1));
    assertFault("not as many labels as images: expected 2");
  }

  @Test
  void rejectsMoreLabelsThanImages() throws IOException {
    write("t10k-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {0, 1}, 2));
    assertFault("not as many labels as images: expected 1");
  }

  @Test
  void rejectsTestImagesOfAnotherSize() throws IOException {
    write("t10k-images-idx3-ubyte", TinyDataset.idx(8, new byte[] {5, 6}, 1, 2, 1));
    assertFault("image size is not the training images': expected 1 x 2, found 2 x 1");
  }

  @Test
  void rejectsALabelThatNamesNoClassOfACataloguedSet() throws IOException {
    IdxFile images = IdxReader.readImages(directory.resolve("train-images-idx3-ubyte"));
    IdxFile labels = IdxReader.readLabels(directory.resolve("train-labels-idx1-ubyte"));
    IdxQuartet files = new IdxQuartet(images, labels, images, labels);
    files.requireLabelsBelow(3);
    IdxFormatException e =
        assertThrows(IdxFormatException.class, () -> files.requireLabelsBelow(2));
    assertTrue(e.getMessage().contains("label is out of range: expected 0 to 1, found 2"));
    assertEquals(9, e.byteOffset());
  }

  @Test
  void namesTheLabelsThatHaveOnlyOneClass() throws IOException {
    write("train-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {0, 0}, 2));
    write("t10k-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {0}, 1));
    assertFault(
        directory.resolve("train-labels-idx1-ubyte")
            + ": there is only one class: expected labels of at least two, such as 0 and 1, found"
            + " nothing but 0, here and in t10k-labels-idx1-ubyte");
    write("train-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {7, 7}, 2));
    write("t10k-labels-idx1-ubyte", TinyDataset.idx(8, new byte[] {7}, 1));
    assertFault(
        "there is only one class: expected labels of at least two, such as 0 and 1, found"
            + " nothing but 7");
  }

  @Test
  void writesNothing() throws IOException {
    List<String> before = listing();
    IdxDirectory.load(directory);
    assertEquals(before, listing());
  }

  private List<String> listing() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file + " " + file.toFile().lastModified()).sorted().toList();
    }
  }

  private void assertFault(String message) {
    IdxFormatException e =
        assertThrows(IdxFormatException.class, () -> IdxDirectory.load(directory));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(directory.resolve(name), bytes);
  }
}
