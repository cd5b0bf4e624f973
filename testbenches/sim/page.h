/* SPDX-License-Identifier: MIT */
/* Reads a page of vtdsim report in a test, as a strict reader of XML does: elements, attributes, text. */
#ifndef VTD_TEST_PAGE_H
#define VTD_TEST_PAGE_H

#include <cctype>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace page
{

struct Element {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::string text; /* of itself and of all within, one behind the other */
    size_t parent;

    std::string get(const std::string &attribute) const
    {
        const auto found = attributes.find(attribute);
        return found == attributes.end() ? "" : found->second;
    }
    double number(const std::string &attribute) const
    {
        return std::strtod(get(attribute).c_str(), nullptr);
    }
    bool is(const std::string &word) const /* has the class */
    {
        return (" " + get("class") + " ").find(" " + word + " ") != std::string::npos;
    }
};

/* All elements in the order in which they begin. Throws std::runtime_error where the page is not well-formed. */
class Page
{
  public:
    explicit Page(const std::string &source) : text(source)
    {
        const std::string type = "<!DOCTYPE html>\n";
        if (text.compare(0, type.size(), type) != 0)
            fail("no document type");
        at = type.size();
        std::vector<size_t> open;
        while (at < text.size())
            text[at] == '<' ? tag(open) : characters(open);
        if (!open.empty())
            fail("not closed: " + elements[open.back()].name);
    }

    /* Elements of a name (and class), within the element number `within` when that is given. */
    std::vector<size_t> find(const std::string &name, const std::string &word = "", size_t within = 0) const
    {
        std::vector<size_t> found;
        for (size_t i = within; i < elements.size(); i++)
            if (elements[i].name == name && (word.empty() || elements[i].is(word)) && is_in(i, within))
                found.push_back(i);
        return found;
    }
    std::vector<std::string> texts(const std::string &name, const std::string &word = "", size_t within = 0) const
    {
        std::vector<std::string> all;
        for (const size_t i : find(name, word, within))
            all.push_back(elements[i].text);
        return all;
    }
    const Element &operator[](size_t i) const
    {
        return elements[i];
    }

    std::vector<Element> elements;

  private:
    bool is_in(size_t element, size_t within) const
    {
        while (element > within)
            element = elements[element].parent;
        return element == within;
    }

    [[noreturn]] void fail(const std::string &what) const
    {
        throw std::runtime_error(what + " before: " + text.substr(at, 80));
    }

    /* One character or entity. */
    std::string character()
    {
        if (text[at] == '<')
            fail("< in text");
        if (static_cast<unsigned char>(text[at]) < 0x20 && text[at] != '\n' && text[at] != '\t')
            fail("control character");
        if (text[at] != '&')
            return std::string(1, text[at++]);
        static const std::map<std::string, std::string> entities = {{"&amp;", "&"},   {"&lt;", "<"},  {"&gt;", ">"},
                                                                    {"&quot;", "\""}, {"&#39;", "'"}, {"&#8211;", "-"}};
        const std::string entity = text.substr(at, text.find(';', at) + 1 - at);
        const auto found = entities.find(entity);
        if (found == entities.end())
            fail("unknown entity");
        at += entity.size();
        return found->second;
    }

    void characters(const std::vector<size_t> &open)
    {
        const bool space = text[at] == '\n';
        const std::string c = character();
        if (open.empty() && !space)
            fail("text outside of the page");
        for (const size_t i : open)
            elements[i].text += c;
    }

    std::string name()
    {
        std::string word;
        while (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '-')
            word += text[at++];
        if (word.empty())
            fail("no name");
        return word;
    }

    void tag(std::vector<size_t> &open)
    {
        at++;
        if (text[at] == '/') {
            at++;
            const std::string closed = name();
            if (open.empty() || elements[open.back()].name != closed || text[at++] != '>')
                fail("wrong end of " + closed);
            open.pop_back();
            return;
        }
        Element e{name(), {}, "", open.empty() ? 0 : open.back()};
        while (text[at] == ' ')
            attribute(e);
        const bool empty = text[at] == '/';
        at += empty;
        if (text[at++] != '>')
            fail("no end of tag " + e.name);
        elements.push_back(e);
        if (!empty)
            open.push_back(elements.size() - 1);
    }

    void attribute(Element &e)
    {
        at++;
        const std::string key = name();
        std::string value;
        if (text[at] != '=' || text[at + 1] != '"')
            fail("attribute without value");
        for (at += 2; text[at] != '"';)
            value += character();
        at++;
        if (!e.attributes.emplace(key, value).second)
            fail("attribute twice: " + key);
    }

    const std::string text;
    size_t at = 0;
};

} // namespace page

#endif
