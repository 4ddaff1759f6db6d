//! What the names of a source were given: by `const`, by taking an object apart, by import, as a parameter.

use std::collections::HashMap;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, BindingPattern, Expression, ForStatementLeft, FormalParameters, ModuleExportName,
};
use oxc_semantic::{NodeId, Semantic, SymbolId};
use oxc_span::GetSpan;

use super::facts::Root;

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Binding<'a> {
    /// A value that the source spells out, and the way into it.
    Value(&'a Expression<'a>, Vec<String>),
    /// Something that comes from outside, and the way into it.
    Given(Root, Vec<String>),
    /// A function of the source.
    Function(NodeId),
}

/// Methods that hand the items of a list to a function.
const EACH: &[&str] = &[
    "map", "forEach", "filter", "find", "some", "every", "flatMap",
];

/// What every name was given. A name that is written to later stands for nothing.
pub fn of<'a>(semantic: &'a Semantic<'a>, text: &str) -> HashMap<SymbolId, Binding<'a>> {
    let mut found = Bindings {
        semantic,
        text,
        all: HashMap::new(),
    };
    for node in semantic.nodes().iter() {
        found.add(node.id(), node.kind());
    }
    found.all
}

struct Bindings<'a, 't> {
    semantic: &'a Semantic<'a>,
    text: &'t str,
    all: HashMap<SymbolId, Binding<'a>>,
}

impl<'a> Bindings<'a, '_> {
    fn add(&mut self, id: NodeId, kind: AstKind<'a>) {
        match kind {
            AstKind::VariableDeclarator(declared) => {
                if let Some(init) = &declared.init {
                    self.bind(&declared.id, &Binding::Value(init, Vec::new()));
                }
            }
            AstKind::ForOfStatement(each) => {
                if let ForStatementLeft::VariableDeclaration(left) = &each.left {
                    for declared in &left.declarations {
                        let item = Binding::Value(&each.right, vec!["[]".into()]);
                        self.bind(&declared.id, &item);
                    }
                }
            }
            AstKind::Function(function) => {
                let symbol = function.id.as_ref().and_then(|name| name.symbol_id.get());
                if let Some(symbol) = symbol {
                    self.all.insert(symbol, Binding::Function(id));
                }
                self.parameters(id, &function.params);
            }
            AstKind::ArrowFunctionExpression(function) => self.parameters(id, &function.params),
            AstKind::ImportDeclaration(import) => self.import(import),
            _ => {}
        }
    }

    fn import(&mut self, import: &'a oxc_ast::ast::ImportDeclaration<'a>) {
        use oxc_ast::ast::ImportDeclarationSpecifier as Specifier;
        let module = import.source.value.to_string();
        for specifier in import.specifiers.iter().flatten() {
            let name = match specifier {
                Specifier::ImportSpecifier(one) => Some(match &one.imported {
                    ModuleExportName::IdentifierName(name) => name.name.to_string(),
                    ModuleExportName::IdentifierReference(name) => name.name.to_string(),
                    ModuleExportName::StringLiteral(name) => name.value.to_string(),
                }),
                Specifier::ImportDefaultSpecifier(_) => Some("default".into()),
                Specifier::ImportNamespaceSpecifier(_) => None,
            };
            if let Some(symbol) = specifier.local().symbol_id.get() {
                let names = std::iter::once(module.clone()).chain(name).collect();
                self.all.insert(symbol, Binding::Given(Root::Import, names));
            }
        }
    }

    /// Parameters that are the SDK's object, the input, or the items of a list.
    fn parameters(&mut self, function: NodeId, parameters: &'a FormalParameters<'a>) {
        let parent = self.semantic.nodes().parent_kind(function);
        let is_named = |name: &str| match parent {
            AstKind::ObjectProperty(property) => property.key.is_specific_static_name(name),
            _ => false,
        };
        // What a webhook brings is no input: types of it are told apart in every honest handler.
        let (is_exec, is_handler) = (is_named("exec"), is_named("onWebhook"));
        let items = self.items(function, parent);
        for (index, parameter) in parameters.items.iter().enumerate() {
            let name = match &parameter.pattern {
                BindingPattern::BindingIdentifier(name) => name.name.as_str(),
                _ => "",
            };
            let annotated = parameter.type_annotation.as_ref();
            let annotated =
                annotated.map_or("", |annotation| annotation.span().source_text(self.text));
            let is_sdk = (is_exec || is_handler) && index == 0;
            let given = if is_sdk || name == "nango" || annotated.contains("Nango") {
                Binding::Given(Root::Nango, Vec::new())
            } else if (is_exec && index == 1) || name == "input" {
                Binding::Given(Root::Input, Vec::new())
            } else if let (Some(list), 0) = (items, index) {
                Binding::Value(list, vec!["[]".into()])
            } else {
                continue;
            };
            self.bind(&parameter.pattern, &given);
        }
    }

    /// The list whose items a function is called with.
    fn items(&self, function: NodeId, parent: AstKind<'a>) -> Option<&'a Expression<'a>> {
        let AstKind::CallExpression(call) = parent else {
            return None;
        };
        let own = self.semantic.nodes().kind(function).span();
        let is_first = call.arguments.first().map(Argument::span) == Some(own);
        match call.callee.get_inner_expression() {
            Expression::StaticMemberExpression(member)
                if is_first && EACH.contains(&member.property.name.as_str()) =>
            {
                Some(&member.object)
            }
            _ => None,
        }
    }

    fn bind(&mut self, pattern: &'a BindingPattern<'a>, to: &Binding<'a>) {
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                if let Some(symbol) = name.symbol_id.get()
                    && !self.semantic.scoping().symbol_is_mutated(symbol)
                {
                    self.all.insert(symbol, to.clone());
                }
            }
            BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    let name = property.key.static_name();
                    let name = name.map_or_else(|| "[]".to_owned(), |name| name.into_owned());
                    self.bind(&property.value, &into(to, name));
                }
                if let Some(rest) = &object.rest {
                    self.bind(&rest.argument, to);
                }
            }
            BindingPattern::ArrayPattern(array) => {
                for item in array.elements.iter().flatten() {
                    self.bind(item, &into(to, "[]".into()));
                }
            }
            BindingPattern::AssignmentPattern(with_default) => self.bind(&with_default.left, to),
        }
    }
}

/// One step further into what a name stands for.
fn into<'a>(binding: &Binding<'a>, name: String) -> Binding<'a> {
    let mut further = binding.clone();
    match &mut further {
        Binding::Value(_, names) | Binding::Given(_, names) => names.push(name),
        Binding::Function(_) => {}
    }
    further
}
