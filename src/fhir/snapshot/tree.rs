//! A definition as a tree of elements and slices.

use serde_json::{Map, Value};

use super::steps::{Step, Stepper};

/// An element, or a slice of one. Paths, ids and slice names follow from its place and are written at the end.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub slice: Option<String>,
    /// Everything that the definition says of it; empty where a differential passes by without a word.
    pub element: Map<String, Value>,
    pub children: Vec<Node>,
    /// Its slices, reslices (`a/b`) after the slice that they divide.
    pub slices: Vec<Node>,
}

impl Node {
    pub fn new(name: &str) -> Node {
        Node { name: name.to_owned(), slice: None, element: Map::new(), children: Vec::new(), slices: Vec::new() }
    }

    pub fn child_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// The child with this name, made where there is none.
    pub fn child_or_new(&mut self, name: &str) -> &mut Node {
        let at = self.children.iter().position(|child| child.name == name).unwrap_or_else(|| {
            self.children.push(Node::new(name));
            self.children.len() - 1
        });
        &mut self.children[at]
    }

    /// The slice with this name, made where there is none.
    pub fn slice_or_new(&mut self, slice: &str) -> &mut Node {
        let named = |node: &Node| node.slice.as_deref() == Some(slice);
        let at = self.slices.iter().position(named).unwrap_or_else(|| {
            self.slices.push(Node { slice: Some(slice.to_owned()), ..Node::new(&self.name) });
            self.slices.len() - 1
        });
        &mut self.slices[at]
    }

    /// The node at these names, below this one.
    pub fn find(&self, names: &[&str]) -> Option<&Node> {
        match names {
            [] => Some(self),
            [name, rest @ ..] => self.children.iter().find(|child| child.name == *name)?.find(rest),
        }
    }

    fn at(&mut self, steps: &[Step]) -> &mut Node {
        let Some((step, rest)) = steps.split_first() else { return self };
        let child = self.child_or_new(&step.name);
        match &step.slice {
            Some(slice) => child.slice_or_new(slice).at(rest),
            None => child.at(rest),
        }
    }
}

/// Reads the elements of a snapshot or a differential; `None` where there are none.
pub(super) fn read(elements: Option<&Value>) -> Option<Node> {
    let mut stepper = Stepper::default();
    let mut root: Option<Node> = None;
    for element in elements?.as_array()?.iter().filter_map(Value::as_object) {
        let Some(steps) = stepper.steps(element) else { continue };
        let Some((first, rest)) = steps.split_first() else { continue };
        let root = root.get_or_insert_with(|| Node::new(&first.name));
        let mut element = element.clone();
        for told_by_place in ["id", "path", "sliceName"] {
            element.shift_remove(told_by_place);
        }
        root.at(rest).element = element;
    }
    root
}

/// Writes the tree as the elements of a snapshot.
pub(super) fn write(root: Node) -> Vec<Value> {
    let mut elements = Vec::new();
    let name = root.name.clone();
    write_node(root, name.clone(), name, &mut elements);
    elements
}

fn write_node(node: Node, id: String, path: String, elements: &mut Vec<Value>) {
    let mut element = Map::new();
    element.insert("id".into(), id.clone().into());
    element.insert("path".into(), path.clone().into());
    if let Some(slice) = node.slice {
        element.insert("sliceName".into(), slice.into());
    }
    element.extend(node.element);
    elements.push(element.into());
    for child in node.children {
        let name = child.name.clone();
        write_node(child, format!("{id}.{name}"), format!("{path}.{name}"), elements);
    }
    for slice in node.slices {
        let id = format!("{id}:{}", slice.slice.as_deref().unwrap_or_default());
        write_node(slice, id, path.clone(), elements);
    }
}
