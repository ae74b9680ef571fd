package io.github.lenet.training.images;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImageFormatException;
import io.github.lenet.model.internal.Sha256Sums;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Decodes and converts the files of an {@link ImageDirectory} on all cores. */
final class SplitReader implements AutoCloseable {

  private final ImageFolders folders;
  private final ImageDirectory.Settings settings;
  private final ImageDirectory.Listener listener;
  private final int total;
  private final List<Provenance.File> provenance = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private int done;

  private final ExecutorService cores =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          task -> {
            Thread thread = new Thread(task, "lenet-images");
            thread.setDaemon(true);
            return thread;
          });

  SplitReader(
      ImageFolders folders, ImageDirectory.Settings settings, ImageDirectory.Listener listener) {
    this.folders = folders;
    this.settings = settings;
    this.listener = listener;
    total =
        Stream.of(folders.train(), folders.test())
            .flatMap(classes -> classes.values().stream())
            .mapToInt(List::size)
            .sum();
  }

  /** A file that was read; its pixels are in their place. */
  private record Source(Path path, long sizeInBytes, String sha256) {}

  /**
   * Reads the images of a split, in mixed order.
   *
   * @param split its name
   * @param classes the files of each class
   */
  ImageDataset read(String split, Map<String, List<Path>> classes) throws IOException {
    List<Path> files = classes.values().stream().flatMap(List::stream).toList();
    int imageSize = settings.height() * settings.width();
    if ((long) files.size() * imageSize > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "%s: %s images of %s×%s pixels do not fit into an array. Use smaller or fewer images."
              .formatted(folders.root(), files.size(), settings.height(), settings.width()));
    }
    byte[] pixels = new byte[files.size() * imageSize];
    byte[] labels = new byte[files.size()];
    List<Future<Source>> sources = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      int offset = i * imageSize;
      sources.add(cores.submit(() -> read(file, pixels, offset)));
    }
    List<String> classNames = List.copyOf(folders.train().keySet());
    int next = 0;
    int kept = 0;
    for (Map.Entry<String, List<Path>> entry : classes.entrySet()) {
      byte label = (byte) classNames.indexOf(entry.getKey());
      List<Source> ofClass = new ArrayList<>();
      for (int i = 0; i < entry.getValue().size(); i++, next++) {
        try {
          ofClass.add(get(sources.get(next)));
          System.arraycopy(pixels, next * imageSize, pixels, kept * imageSize, imageSize);
          labels[kept++] = label;
        } catch (IOException e) {
          skip(files.get(next), e);
        }
        listener.onImage(++done, total);
      }
      if (ofClass.isEmpty()) {
        throw new IOException(
            "%s: class %s has no readable image.".formatted(folders.root(), entry.getKey()));
      }
      provenance.add(provenance(split + "/" + entry.getKey(), ofClass));
    }
    mix(pixels, labels, kept, imageSize);
    return ImageDataset.of(
        settings.height(),
        settings.width(),
        kept == files.size() ? pixels : Arrays.copyOf(pixels, kept * imageSize),
        Arrays.copyOf(labels, kept),
        classNames);
  }

  /** Mixes the classes, so that the first images of a data set show all of them. */
  private static void mix(byte[] pixels, byte[] labels, int count, int imageSize) {
    Random random = new Random(ImageFolders.SEED);
    byte[] image = new byte[imageSize];
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      System.arraycopy(pixels, i * imageSize, image, 0, imageSize);
      System.arraycopy(pixels, j * imageSize, pixels, i * imageSize, imageSize);
      System.arraycopy(image, 0, pixels, j * imageSize, imageSize);
      byte label = labels[i];
      labels[i] = labels[j];
      labels[j] = label;
    }
  }

  private Source read(Path file, byte[] pixels, int offset) throws IOException {
    byte[] bytes;
    try (InputStream stream = Files.newInputStream(file)) {
      bytes = stream.readNBytes(ImageFiles.MAX_BYTES + 1);
    }
    byte[] image =
        settings
            .preprocessor()
            .convert(
                ImageFiles.read(new ByteArrayInputStream(bytes), file.toString()),
                settings.height(),
                settings.width());
    System.arraycopy(image, 0, pixels, offset, image.length);
    return new Source(file, bytes.length, Sha256Sums.of(bytes));
  }

  private static Source get(Future<Source> source) throws IOException {
    try {
      return source.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while images were read");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException unreadable) {
        throw unreadable;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void skip(Path file, IOException e) throws IOException {
    if (!settings.skipUnreadable() || e instanceof InterruptedIOException) {
      throw e;
    }
    String why =
        e instanceof ImageFormatException ? e.getMessage() : file + ": cannot be read: " + e;
    skipped.add(why);
    listener.onSkipped(file, why);
  }

  private Provenance.File provenance(String name, List<Source> sources) {
    StringBuilder sums = new StringBuilder();
    long bytes = 0;
    for (Source source : sources) {
      String path = folders.root().relativize(source.path()).toString().replace('\\', '/');
      sums.append(source.sha256()).append("  ").append(path).append('\n');
      bytes += source.sizeInBytes();
    }
    String hash = Sha256Sums.of(sums.toString().getBytes(StandardCharsets.UTF_8));
    return new Provenance.File(
        "%s: %s images".formatted(name, sources.size()),
        folders.root().toAbsolutePath().normalize().toString(),
        bytes,
        hash,
        hash);
  }

  /** {@return for each class and split the number of images, their size and a hash over them} */
  List<Provenance.File> provenance() {
    return provenance;
  }

  /** {@return why files were left out} */
  List<String> skipped() {
    return skipped;
  }

  @Override
  public void close() {
    cores.shutdownNow();
  }
}
