package io.github.lenet.cli.serve;

import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadException;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Mnist;
import io.github.lenet.data.SampleGarments;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Labelled images of the kind that a model knows, as far as they are at hand without a download:
 * the test part of Fashion-MNIST or MNIST, else of the garments that the library draws. Loaded when
 * somebody asks for the first one, which then takes up to some seconds.
 */
final class TestImages {

  private static final System.Logger LOG = System.getLogger(TestImages.class.getName());

  private final Optional<Path> dataDirectory;
  private final DatasetCache cache;
  private List<String> loadedFor = List.of();
  private Optional<Loaded> loaded = Optional.empty();

  /**
   * Looks nowhere yet.
   *
   * @param dataDirectory the user's own files, an existing directory; without, what is in the cache
   * @param cache its directory
   */
  TestImages(Optional<Path> dataDirectory, Path cache) {
    this.dataDirectory = dataDirectory;
    this.cache = new DatasetCache(cache, true, DownloadListener.NONE);
  }

  /**
   * One of them.
   *
   * @param dataset its name, in prose
   * @param index in the data set, from 0
   * @param label the name of its class
   * @param pixels uint8 {@code [height, width]}
   */
  record Example(String dataset, int index, String label, byte[] pixels) {}

  private record Loaded(String title, ImageDataset images) {}

  /** Any one, drawn at random; empty if there is none of these classes and this size. */
  Optional<Example> random(List<String> classNames, int height, int width) {
    return of(classNames)
        .filter(all -> all.images.height() == height && all.images.width() == width)
        .map(
            all -> {
              int index = ThreadLocalRandom.current().nextInt(all.images.size());
              String label = all.images.classNames().get(all.images.label(index));
              return new Example(all.title, index, label, all.images.image(index));
            });
  }

  private synchronized Optional<Loaded> of(List<String> classNames) {
    if (!loadedFor.equals(classNames)) {
      loaded =
          sources(classNames).stream()
              .flatMap(source -> load(source).stream())
              .filter(found -> found.images.classNames().equals(classNames))
              .findFirst();
      loadedFor = classNames;
    }
    return loaded;
  }

  private interface Source {
    DatasetSplits load() throws IOException;
  }

  /** Where images of such classes might be, the best first. */
  private List<Source> sources(List<String> classNames) {
    if (classNames.equals(FashionMnist.SOURCE.classNames())) {
      return List.of(() -> files(FashionMnist.SOURCE), SampleGarments::load);
    }
    return classNames.equals(Mnist.SOURCE.classNames())
        ? List.of(() -> files(Mnist.SOURCE))
        : List.of();
  }

  private DatasetSplits files(DatasetSource source) throws IOException {
    return dataDirectory.isPresent() ? source.load(dataDirectory.get()) : cache.load(source);
  }

  private static Optional<Loaded> load(Source source) {
    try {
      DatasetSplits splits = source.load();
      return Optional.of(new Loaded(splits.provenance().title(), splits.test()));
    } catch (DownloadException e) {
      LOG.log(Level.DEBUG, "not in the cache: {0}", e.getMessage());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "no test images: {0}", e.getMessage());
    }
    return Optional.empty();
  }
}
