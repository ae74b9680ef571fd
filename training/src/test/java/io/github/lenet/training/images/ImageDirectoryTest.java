package io.github.lenet.training.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.Polarity;
import io.github.lenet.training.images.ImageDirectory.Settings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDirectoryTest {

  private static final Settings SKIPPING =
      new Settings(28, 28, ImagePreprocessor.DEFAULT, 0.2, true);

  @TempDir Path root;

  private final List<String> skipped = new ArrayList<>();
  private int read;

  private final ImageDirectory.Listener listener =
      new ImageDirectory.Listener() {
        @Override
        public void onImage(int done, int total) {
          assertEquals(++read, done);
          assertTrue(done <= total);
        }

        @Override
        public void onSkipped(Path file, String why) {
          assertTrue(why.startsWith(file + ": "), why);
          skipped.add(why);
        }
      };

  /** A light bar at a place that depends on the number, of another size and format each. */
  private Path image(String name, int number) throws IOException {
    BufferedImage image =
        new BufferedImage(20 + number % 7, 24 + number % 5, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      image.setRGB(4 + number % 12, y, 0x808080 + number);
    }
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile());
    return file;
  }

  private void classes(String prefix, int count, String... names) throws IOException {
    for (int c = 0; c < names.length; c++) {
      for (int i = 0; i < count; i++) {
        image("%s%s/%s.png".formatted(prefix, names[c], i), 31 * c + i);
      }
    }
  }

  private DatasetSplits load(Settings settings) throws IOException {
    read = 0;
    return ImageDirectory.load(root, settings, listener);
  }

  private void assertRefused(String... parts) {
    String message = assertThrows(IOException.class, () -> ImageDirectory.load(root)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void readsTrainAndTest() throws IOException {
    Path first = image("train/b/z.png", 3);
    image("train/b/deep/er/a.bmp", 4);
    image("train/a/only.gif", 5);
    Path test = image("test/b/t.jpg", 6);
    Files.createDirectories(root.resolve("val/a"));

    DatasetSplits data = load(Settings.DEFAULT);

    assertEquals(List.of("a", "b"), data.classNames());
    assertEquals(3, data.train().size());
    assertEquals(List.of(1, 2), counts(data.train()));
    assertEquals(List.of(0, 1), counts(data.test()));
    assertTrue(pixels(data.train()).contains(Arrays.toString(converted(first))));
    assertArrayEquals(converted(test), data.test().image(0));
    assertEquals(4, read);
    assertEquals("", data.provenance().note());
    assertEquals("images in " + root.getFileName(), data.provenance().title());
    assertEquals(ImageDirectory.ID, data.provenance().id());
  }

  @Test
  void drawsTheTestImagesOfEachClass() throws IOException {
    classes("", 10, "one", "two");
    image("three/1.png", 70);
    image("three/2.png", 71);

    DatasetSplits data = load(Settings.DEFAULT);
    DatasetSplits again = ImageDirectory.load(root);
    DatasetSplits half = load(new Settings(28, 28, ImagePreprocessor.DEFAULT, 0.5, false));

    assertEquals(List.of(2, 1, 2), counts(data.test()));
    assertEquals(List.of(8, 1, 8), counts(data.train()));
    assertEquals(List.of(5, 1, 5), counts(half.test()));
    assertEquals(pixels(data.train()), pixels(again.train()), "the same split each time");
    Set<String> all = new TreeSet<>(pixels(data.train()));
    all.addAll(pixels(data.test()));
    assertEquals(22, all.size(), "each image is in one split");
    assertEquals(data.provenance().files(), again.provenance().files());
    assertNotEquals(data.provenance().files(), half.provenance().files());
  }

  @Test
  void theFirstImagesAreOfAllClasses() throws IOException {
    classes("", 40, "a", "b", "c");
    DatasetSplits data = load(Settings.DEFAULT);
    assertEquals(3, Set.copyOf(labels(data.train().first(12))).size());
    assertEquals(3, Set.copyOf(labels(data.test().first(12))).size());
  }

  @Test
  void classesAreInTheOrderOfTheirNamesAndNumbers() throws IOException {
    classes("", 2, "10", "9", "b2", "b10", "B", "ä", "007");

    assertEquals(
        List.of("007", "9", "10", "B", "b2", "b10", "ä"), load(Settings.DEFAULT).classNames());
  }

  @Test
  void passesOverWhatSystemsLeaveBehind() throws IOException {
    classes("", 2, "a", "b");
    for (String junk :
        List.of(
            "a/.DS_Store",
            "a/Thumbs.db",
            "a/._0.png",
            "b/desktop.ini",
            "b/.hidden/x.png",
            "b/__MACOSX/y.png",
            "__MACOSX/a/0.png",
            ".git/config",
            "README.md",
            "a/sub/.x")) {
      Files.createDirectories(root.resolve(junk).getParent());
      Files.writeString(root.resolve(junk), "no image");
    }

    Files.createSymbolicLink(root.resolve("broken.png"), root.resolve("nowhere"));

    assertEquals(4, load(Settings.DEFAULT).train().size() + 2);
    assertEquals(List.of(), skipped);
  }

  @Test
  void imagesAreConvertedAsToPredict() throws IOException {
    classes("", 3, "a", "b");
    ImagePreprocessor inverting =
        new ImagePreprocessor(Polarity.LIGHT_ON_DARK, Polarity.DARK_ON_LIGHT, true, true);

    DatasetSplits data = load(new Settings(12, 16, inverting, 0.2, false));

    assertEquals(12, data.test().height());
    assertEquals(16, data.test().width());
    Set<String> expected = new TreeSet<>();
    for (int i = 0; i < 3; i++) {
      for (String name : List.of("a", "b")) {
        BufferedImage image = ImageFiles.read(root.resolve(name + "/" + i + ".png"));
        expected.add(Arrays.toString(inverting.convert(image, 12, 16)));
      }
    }
    assertTrue(expected.containsAll(pixels(data.test())));
    assertTrue(expected.containsAll(pixels(data.train())));
  }

  @Test
  void theProvenanceIsTheHashThatSha256sumPrints() throws Exception {
    classes("train/", 2, "a", "b");
    image("test/a/x.png", 1);

    List<Provenance.File> files = load(Settings.DEFAULT).provenance().files();

    assertEquals(
        List.of("train/a: 2 images", "train/b: 2 images", "test/a: 1 images"),
        files.stream().map(Provenance.File::name).toList());
    byte[] zero = Files.readAllBytes(root.resolve("train/a/0.png"));
    byte[] one = Files.readAllBytes(root.resolve("train/a/1.png"));
    String lines = "%s  train/a/0.png\n%s  train/a/1.png\n".formatted(sha256(zero), sha256(one));
    assertEquals(sha256(lines.getBytes(StandardCharsets.UTF_8)), files.get(0).sha256());
    assertEquals(zero.length + one.length, files.get(0).sizeInBytes());
  }

  @Test
  void anUnreadableFileIsAnErrorOrNamed() throws IOException {
    classes("", 6, "a", "b");
    Path text = Files.writeString(root.resolve("a/notes.txt"), "no image");
    Path cut = root.resolve("b/cut.jpg");
    byte[] whole = Files.readAllBytes(image("b/cut.jpg", 1));
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    Path gone = Files.createSymbolicLink(root.resolve("b/gone.png"), root.resolve("nowhere.png"));

    assertRefused(text.toString());
    DatasetSplits data = load(SKIPPING);

    assertEquals(12, data.train().size() + data.test().size());
    assertEquals(3, skipped.size(), skipped.toString());
    for (Path file : List.of(text, cut, gone)) {
      assertTrue(skipped.stream().anyMatch(why -> why.startsWith(file + ": ")), skipped.toString());
    }
    assertEquals(String.join("\n", skipped), data.provenance().note());
    // What is left is in its place, and has its own label.
    for (ImageDataset split : List.of(data.train(), data.test())) {
      for (int i = 0; i < split.size(); i++) {
        String pixels = Arrays.toString(split.image(i));
        String folder = split.classNames().get(split.label(i));
        boolean isThere = false;
        for (int n = 0; n < 6; n++) {
          isThere |=
              Arrays.toString(converted(root.resolve(folder + "/" + n + ".png"))).equals(pixels);
        }
        assertTrue(isThere, folder);
      }
    }
  }

  @Test
  void everyBadDirectoryHasItsMessage() throws IOException {
    assertThrows(NoSuchFileException.class, () -> ImageDirectory.load(root.resolve("nowhere")));
    Path file = Files.writeString(root.resolve("file"), "");
    assertThrows(NotDirectoryException.class, () -> ImageDirectory.load(file));
    assertRefused("expected 2 to 256 folders, one for each class, found 0");
    classes("", 2, "cat");
    assertRefused("expected 2 to 256 folders, one for each class, found 1: cat");
    image("dog/1.png", 1);
    assertRefused("dog/1.png: is the only image of its class");
    image("dog/2.png", 2);
    Path empty = Files.createDirectories(root.resolve("eel/.hidden"));
    assertRefused("eel: has no image");
    Files.delete(empty);
    Files.delete(empty.getParent());
    Path loose = image("loose.png", 1);
    assertRefused("loose.png: is in no class");
    Files.delete(loose);
    ImageDirectory.load(root);
    Files.createSymbolicLink(root.resolve("dog/again"), root.resolve("dog"));
    assertThrows(FileSystemLoopException.class, () -> ImageDirectory.load(root));
  }

  @Test
  void testClassesNeedTrainingImages() throws IOException {
    classes("train/", 1, "a", "b");
    classes("test/", 1, "b", "c");
    assertRefused("test/c: is a class without training images", "train/c");
  }

  @Test
  void aClassThatCannotBeReadAtAllIsAnError() throws IOException {
    classes("", 2, "a", "b");
    Files.writeString(root.resolve("a/0.png"), "x");
    Files.writeString(root.resolve("a/1.png"), "x");
    String message = assertThrows(IOException.class, () -> load(SKIPPING)).getMessage();
    assertTrue(message.contains("class a has no readable image"), message);
  }

  @Test
  void moreClassesThanALabelHoldsAreRefused() throws IOException {
    for (int i = 0; i < 257; i++) {
      Files.createDirectories(root.resolve("c" + i));
      Files.writeString(root.resolve("c" + i + "/x.png"), "");
    }
    assertRefused("expected 2 to 256 folders, one for each class, found 257");
  }

  @Test
  void tellsFoldersOfImagesFromIdxFiles() throws IOException {
    assertFalse(ImageDirectory.isIn(root.resolve("nowhere")));
    assertFalse(ImageDirectory.isIn(root), "empty");
    Path loose = image("loose.png", 1);
    assertTrue(ImageDirectory.isIn(root), "to be told that it is in no class");
    Files.delete(loose);
    classes("", 1, "a");
    assertTrue(ImageDirectory.isIn(root));
    Files.writeString(root.resolve("t10k-labels.idx1-ubyte"), "");
    assertFalse(ImageDirectory.isIn(root));
  }

  @Test
  void settingsAreChecked() {
    for (double wrong : new double[] {0, 1, -0.1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Settings(28, 28, ImagePreprocessor.DEFAULT, wrong, false));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new Settings(0, 28, ImagePreprocessor.DEFAULT, 0.2, false));
  }

  private static byte[] converted(Path file) throws IOException {
    return ImagePreprocessor.DEFAULT.convert(ImageFiles.read(file), 28, 28);
  }

  private static List<Integer> labels(ImageDataset images) {
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      labels.add(images.label(i));
    }
    return labels;
  }

  private static List<Integer> counts(ImageDataset images) {
    int[] counts = new int[images.classCount()];
    labels(images).forEach(label -> counts[label]++);
    return Arrays.stream(counts).boxed().toList();
  }

  private static List<String> pixels(ImageDataset images) {
    List<String> pixels = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      pixels.add(Arrays.toString(images.image(i)));
    }
    return pixels;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
