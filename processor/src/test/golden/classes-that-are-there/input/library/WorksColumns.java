package library;

final class WorksColumns {}
