package library;

import dev.millrace.annotations.Converter;

final class YesNo implements Converter<Boolean, String> {
  @Override
  public String toColumn(Boolean value) {
    return value ? "yes" : "no";
  }

  @Override
  public Boolean fromColumn(String stored) {
    return stored.equals("yes");
  }
}
