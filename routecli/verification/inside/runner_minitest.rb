# frozen_string_literal: true

# Runs a project's Minitest tests and records each (Minitest 5.11 and newer). Without arguments, every file of test/ and
# spec/ with a test's name.

require_relative "record_routecli"
require "minitest"

module Routecli
  RECORD = Record.new("minitest")

  class Reporter < Minitest::AbstractReporter
    def start
      @names = {}
      Minitest::Runnable.runnables.each do |group|
        seen = Hash.new(0)
        group.methods_matching(/^test_/).sort.each do |method|
          name = plain(method)
          count = seen[name] += 1
          @names[[group.name, method]] = count == 1 ? name : "#{name} (#{count})"
        end
      end
    end

    def record(result)
      name = @names[[result.klass, result.name]] || plain(result.name)
      file = result.source_location.to_a.first
      id = "#{RECORD.relative(file)}::#{result.klass}##{name}"
      RECORD.write(id, outcome(result), file, result.passed? ? "" : detail(result))
    end

    def report
      RECORD.finish
    end

    def passed?
      true
    end

    private

    # `it "adds"` becomes test_0001_adds, and the number changes when another comes before it.
    def plain(method)
      method.to_s.sub(/\Atest_\d{4}_/, "")
    end

    def outcome(result)
      return "passed" if result.passed?

      result.skipped? ? "skipped" : "failed"
    end

    def detail(result)
      result.failures.map { |failure| "#{failure.message}\n#{failure.location}" }.join("\n")
    end
  end
end

def Minitest.plugin_routecli_init(_options)
  reporter << Routecli::Reporter.new
end
Minitest.extensions << "routecli"

files = ARGV.dup
files = Dir.glob("{test,spec}/**/{test_*,*_test,*_spec}.rb").sort if files.empty?
ARGV.clear
%w[lib test spec].each { |folder| $LOAD_PATH.unshift(File.expand_path(folder)) if File.directory?(folder) }
files.each do |file|
  require File.expand_path(file)
rescue StandardError, ScriptError => e
  detail = "#{e.class}: #{e.message}\n#{e.backtrace.to_a.first(12).join("\n")}"
  Routecli::RECORD.write("#{file} [load]", "failed", file, detail, "collect")
end
require "minitest/autorun"
