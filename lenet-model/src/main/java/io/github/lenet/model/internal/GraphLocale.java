package io.github.lenet.model.internal;

import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.Locale.Category;
import java.util.Optional;

/**
 * Makes TensorFlow Java work in languages with digits of their own, such as Arabic and Persian.
 *
 * <p>TensorFlow Java numbers the operations of a graph with the JVM's default locale, in its {@code
 * NameScope}, and TensorFlow accepts no digits but ASCII ones in their names. Between {@link
 * #enter} and {@link #exit} such a JVM formats numbers with {@link Locale#ROOT}, in all its
 * threads. Other locales stay untouched.
 */
public final class GraphLocale {

  private static int users;

  /** What is to be put back; empty if nothing was changed. */
  private static Optional<Locale> before = Optional.empty();

  private GraphLocale() {}

  /** To be called before a graph is built, saved or restored; may be nested. */
  public static synchronized void enter() {
    if (users++ == 0) {
      before =
          Optional.of(Locale.getDefault(Category.FORMAT))
              .filter(locale -> DecimalFormatSymbols.getInstance(locale).getZeroDigit() != '0');
      before.ifPresent(locale -> Locale.setDefault(Category.FORMAT, Locale.ROOT));
    }
  }

  /** To be called once after each {@link #enter}, in a {@code finally} block. */
  public static synchronized void exit() {
    if (--users == 0) {
      before.ifPresent(locale -> Locale.setDefault(Category.FORMAT, locale));
    }
  }
}
